import type { AttributeReader } from "../ir/attributes.ts";
import type { Dim, Shape } from "../ir/graph.ts";
import { type Cost, defineOp, type OpDefinition, refuse, type StreamContext, type StreamRule } from "./op.ts";
import { addDims, multiplyDims } from "./rules/dim.ts";
import { countPerFrame, dimOf, inferred, knownDims } from "./rules/operand.ts";
import { extentOf, type WindowAttributes, windowOf } from "./rules/window.ts";

/** stride·(n−1) + output_padding + extent − pads, or what output_shape or SAME says. */
function outputLengths(attributes: AttributeReader, w: WindowAttributes, spatial: Shape): Dim[] {
  const outputShape = attributes.optionalInts("output_shape");
  const outputPadding = attributes.ints("output_padding", []);
  return spatial.map((n, i) => {
    const fixed = outputShape?.[outputShape.length - spatial.length + i];
    if (fixed !== undefined) return fixed;
    const stride = w.strides[i] ?? 1;
    if (w.autoPad === "SAME_UPPER" || w.autoPad === "SAME_LOWER") return multiplyDims(n, stride);
    const pads = w.autoPad === "VALID" ? 0 : (w.pads[i] ?? 0) + (w.pads[w.kernel.length + i] ?? 0);
    const rest = extentOf(w, i) + (outputPadding[i] ?? 0) - pads - stride;
    return addDims(multiplyDims(n, stride), rest);
  });
}

/** Along time only the trivial window is frame by frame; overlap-add is another rule. */
function convTransposeStream(attributes: AttributeReader, context: StreamContext): StreamRule {
  const axis = context.axes[0];
  const kernel = attributes.optionalInts("kernel_shape") ?? knownDims(context.operands[1]?.shape?.slice(2));
  if (context.axes.some((a, i) => i > 0 && a !== undefined)) {
    return refuse("dataDependent", "streaming weights");
  }
  if (axis === undefined || !kernel) return refuse("shapeUnknown");
  if (axis === 0) return { kind: "perFrame", axis };
  if (axis === 1) return refuse("timeContracted");
  const w = windowOf(attributes, kernel);
  const i = axis - 2;
  const rank = kernel.length;
  const pads = w.autoPad === "NOTSET" ? (w.pads[i] ?? 0) + (w.pads[rank + i] ?? 0) : 0;
  const trivial =
    extentOf(w, i) === 1 &&
    (w.strides[i] ?? 1) === 1 &&
    pads === 0 &&
    (attributes.ints("output_padding", [])[i] ?? 0) === 0 &&
    !attributes.has("output_shape");
  return trivial ? { kind: "perFrame", axis } : refuse("unknownOp", "window or stride along time");
}

const convTranspose = defineOp(
  "ConvTranspose",
  "Spreads every input element over a filter and sums the overlaps.",
  (attributes) => {
    const group = attributes.int("group", 1);
    return {
      infer([x, w]) {
        const kernel = attributes.optionalInts("kernel_shape") ?? knownDims(w?.shape?.slice(2));
        if (!x?.shape || !kernel) return [inferred(x?.dtype)];
        const spatial = outputLengths(attributes, windowOf(attributes, kernel), x.shape.slice(2));
        return [inferred(x.dtype, [x.shape[0] ?? null, multiplyDims(dimOf(w, 1), group), ...spatial])];
      },
      stream: (context) => convTransposeStream(attributes, context),
      // Axis 1 indexes the channel inside a group: one scale serves that channel of every group.
      quant: { inputs: ["activation", "weight", "bias"], channelAxis: 1, output: "own" },
      cost([x, w]): Cost {
        return { macs: countPerFrame(x?.shape) * countPerFrame(w?.shape?.slice(1)) };
      },
    };
  },
);

export const convTransposeOps: readonly OpDefinition[] = [convTranspose];
