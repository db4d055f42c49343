import type { Approximation } from "../plan/approximation.ts";
import { counted, decibels, short } from "./numbers.ts";
import type { ApproximatedNode, ApproximationRecord, MeasuredError } from "./package-input.ts";

/** What stands in for a node, in words. */
export function approximationText(approximation: Approximation): string {
  switch (approximation.kind) {
    case "running":
      return "statistics of all frames so far";
    case "window":
      return `statistics of the last ${counted(approximation.frames, "frame")}`;
    case "ema":
      return `statistics that forget half in ${counted(approximation.halfLifeFrames, "frame")}`;
    case "frozen":
      return "statistics measured on clips";
    case "continuous":
      return "continuous: the newest frames of streamed features";
    case "windowExact":
      return `window-exact: the model on the last ${counted(approximation.frames, "input frame")}, again at every step`;
    case "zeroPad":
      return "zeros in place of the padding";
    case "leftContext":
      return `attention to the last ${counted(approximation.frames, "frame")}`;
    case "chunkedBackward":
      return `backward direction in blocks of ${counted(approximation.blockFrames, "frame")}, looking ${counted(approximation.lookAheadFrames, "frame")} ahead`;
    default:
      return approximation satisfies never;
  }
}

const REFERENCES: Readonly<Record<ApproximationRecord["reference"], string>> = {
  clip: "the opened file over whole clips",
  ownLength: "the opened file over pieces as long as it declares",
  window: "the opened file over the newest window at sampled steps",
};

/** What the errors of approximated values are measured against. */
export function referenceText({ reference }: ApproximationRecord): string {
  return REFERENCES[reference];
}

/** "off by up to 0.1 of the range (worst at frame 3), 20.0 dB, 0 at the end". */
export function measuredText({ maxRelative, worstFrame, sqnrDb, lastRelative }: MeasuredError): string {
  const worst = worstFrame < 0 ? "" : ` (worst at frame ${worstFrame})`;
  return `off by up to ${short(maxRelative)} of the range${worst}, SQNR ${decibels(sqnrDb)}, ${short(lastRelative)} at the end`;
}

export function approximatedText({ node, op, approximation, error }: ApproximatedNode): string {
  const measured = error ? measuredText(error) : "not compared by itself";
  return `${node} (${op}): ${approximationText(approximation)}; ${measured}`;
}

/** As JSON; an infinite SQNR (no error at all) is written as null. */
export function approximationJson({ nodes, outputs, reference }: ApproximationRecord): object {
  return {
    reference,
    nodes: nodes.map(({ error, ...node }) => ({ ...node, error: error ? measuredJson(error) : null })),
    outputs: outputs.map(measuredJson),
  };
}

function measuredJson(error: MeasuredError): object {
  return { ...error, sqnrDb: Number.isFinite(error.sqnrDb) ? error.sqnrDb : null };
}
