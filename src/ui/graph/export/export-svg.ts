import { runSteps, type StepOptions } from "./run-steps.ts";
import { SvgPainter } from "./svg-painter.ts";
import { paintWhole, type WholeInput, wholePicture } from "./whole-picture.ts";

/** The whole graph as an SVG file, in pieces. */
export async function exportSvg(input: WholeInput, options: StepOptions): Promise<readonly string[]> {
  const whole = wholePicture(input);
  const painter = new SvgPainter(whole.size, input.title);
  await runSteps(paintWhole(painter, whole), options);
  return painter.finish();
}
