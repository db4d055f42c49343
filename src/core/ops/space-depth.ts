import { defineOp, type OpDefinition, refuse, type StreamContext, type StreamRule } from "./op.ts";
import { floorDivide, multiplyDims } from "./rules/dim.ts";
import { dimOf, inferred } from "./rules/operand.ts";
import { unaryAlong } from "./rules/time.ts";

/** Blocks of pixels mix the two spatial axes with the channels, so only the batch axis stays apart. */
function blockStream(context: StreamContext): StreamRule {
  return unaryAlong(context, (axis) =>
    axis === 0 ? { kind: "perFrame", axis } : refuse("unknownOp", "regroups time into channels"),
  );
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
    stream: blockStream,
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
    stream: blockStream,
    quant: { inputs: ["activation"], output: "same" },
  };
});

export const spaceDepthOps: readonly OpDefinition[] = [depthToSpace, spaceToDepth];
