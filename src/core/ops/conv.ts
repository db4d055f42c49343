import type { AttributeReader } from "../ir/attributes.ts";
import type { Node } from "../ir/graph.ts";
import {
  type Cost,
  defineOp,
  type OpDefinition,
  type OperandInfo,
  refuse,
  type StreamContext,
} from "./op.ts";
import { countPerFrame, dimOf, inferred, knownDims, UNKNOWN } from "./rules/operand.ts";
import { windowLengths, windowOf, windowRule } from "./rules/window.ts";

/** Kernel extents: the attribute, else the weight's spatial dims. */
function kernelOf(
  attributes: AttributeReader,
  weight: OperandInfo | undefined,
): readonly number[] | undefined {
  return attributes.optionalInts("kernel_shape") ?? knownDims(weight?.shape?.slice(2));
}

function convStream(attributes: AttributeReader, node: Node, { axes, operands }: StreamContext) {
  const axis = axes[0];
  const shape = operands[0]?.shape;
  const kernel = kernelOf(attributes, operands[1]);
  if (axes.some((a, i) => i > 0 && a !== undefined))
    return refuse("dataDependent", { code: "streamingWeights" });
  if (axis === undefined || !shape || !kernel) return refuse("shapeUnknown");
  if (axis === 0) return { kind: "perFrame", axis } as const;
  if (axis === 1) return refuse("timeContracted");
  const window = windowOf(attributes, kernel);
  return windowRule({ node, window, axis, shape, padValue: 0 });
}

/** Conv-1, Conv-11, any number of spatial axes, groups and dilations. */
const conv = defineOp("Conv", "Slides a learned filter over the spatial axes.", (attributes, node) => ({
  infer([x, w]) {
    const kernel = kernelOf(attributes, w);
    const dtype = x?.dtype ?? w?.dtype;
    if (!x?.shape || !kernel) return [dtype ? inferred(dtype) : UNKNOWN];
    const spatial = windowLengths(windowOf(attributes, kernel), x.shape.slice(2));
    return [inferred(dtype, [x.shape[0] ?? null, dimOf(w, 0), ...spatial])];
  },
  stream: (context) => convStream(attributes, node, context),
  quant: { inputs: ["activation", "weight", "bias"], channelAxis: 0, output: "own" },
  cost([, w], [y]): Cost {
    // Every output element takes one multiply per weight of its filter.
    return { macs: countPerFrame(y?.shape) * countPerFrame(w?.shape?.slice(1)) };
  },
}));

export const convOps: readonly OpDefinition[] = [conv];
