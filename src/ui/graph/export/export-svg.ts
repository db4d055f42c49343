import { runSteps, type StepOptions } from "./run-steps.ts";
import { SvgPainter } from "./svg-painter.ts";
import { paintWhole, type Steps, type WholeInput, wholePicture } from "./whole-picture.ts";

/** The whole graph as an SVG file, in pieces. */
export async function exportSvg(
  input: WholeInput,
  options: StepOptions,
): Promise<readonly Uint8Array<ArrayBuffer>[]> {
  const whole = wholePicture(input);
  const painter = new SvgPainter(whole.size, input.title);
  await runSteps(paintWhole(painter, whole), options);
  return runSteps(encoded(painter.finish()), options);
}

/** Bytes of the pieces: a blob of texts would encode them all at once. */
function* encoded(pieces: readonly string[]): Steps<readonly Uint8Array<ArrayBuffer>[]> {
  const encoder = new TextEncoder();
  const bytes: Uint8Array<ArrayBuffer>[] = [];
  for (const piece of pieces) {
    bytes.push(encoder.encode(piece));
    yield 1;
  }
  return bytes;
}
