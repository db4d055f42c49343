import { type Rational, rational } from "../base/rational.ts";
import { defineOp, type OpDefinition, refuse, type StreamContext, type StreamRule } from "./op.ts";
import { floorDivide, multiplyDims } from "./rules/dim.ts";
import { dimOf, inferred } from "./rules/operand.ts";
import { unaryAlong } from "./rules/time.ts";

/** Blocks of pixels mix a spatial axis with the channels: `factor` frames come out per frame of a spatial time axis. */
function blockStream(context: StreamContext, factor: Rational): StreamRule {
  return unaryAlong(context, (axis) => {
    if (axis === 0) return { kind: "perFrame", axis };
    return axis === 1 ? refuse("timeMerged") : { kind: "regroup", axis, factor };
  });
}

const depthToSpace = defineOp("DepthToSpace", "Moves channels into blocks of pixels.", (attributes) => {
  const block = attributes.int("blocksize", 1);
  return {
    infer: ([x]) => [
      inferred(x?.dtype, [
        dimOf(x, 0),
        floorDivide(dimOf(x, 1), block * block),
        multiplyDims(dimOf(x, 2), block),
        multiplyDims(dimOf(x, 3), block),
      ]),
    ],
    stream: (context) => blockStream(context, rational(block, 1)),
    quant: { inputs: ["activation"], output: "same" },
  };
});

const spaceToDepth = defineOp("SpaceToDepth", "Moves blocks of pixels into channels.", (attributes) => {
  const block = attributes.int("blocksize", 1);
  return {
    infer: ([x]) => [
      inferred(x?.dtype, [
        dimOf(x, 0),
        multiplyDims(dimOf(x, 1), block * block),
        floorDivide(dimOf(x, 2), block),
        floorDivide(dimOf(x, 3), block),
      ]),
    ],
    stream: (context) => blockStream(context, rational(1, block)),
    quant: { inputs: ["activation"], output: "same" },
  };
});

export const spaceDepthOps: readonly OpDefinition[] = [depthToSpace, spaceToDepth];
