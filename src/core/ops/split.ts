import type { Shape } from "../ir/graph.ts";
import { intAttribute } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import { defineOp, type OpDefinition, type OperandInfo, refuse } from "./op.ts";
import { stridesOf } from "./rules/broadcast.ts";
import { ceilDivide, divideExactly, multiplyDims, subtractDims } from "./rules/dim.ts";
import { fromFront, inferred, intsFrom, vectorOf } from "./rules/operand.ts";
import { stridedCopy } from "./rules/strided-copy.ts";
import { unaryAlong } from "./rules/time.ts";

/** Extents: attribute (opset < 13), input 1 (since 13), or equal parts (the last one smaller since 18). */
const split = defineOp(
  "Split",
  "Cuts one axis into consecutive parts.",
  (attributes, node) => {
    const given = attributes.int("axis", 0);
    const count = node.outputs.length;
    const parts = (x: OperandInfo | undefined, input: OperandInfo | undefined): Shape | undefined => {
      const stated = attributes.optionalInts("split") ?? vectorOf(input);
      if (stated) return stated;
      if (input || !x?.shape) return undefined;
      const length = x.shape[fromFront(given, x.shape.length)] ?? null;
      const exact = divideExactly(length, count);
      if (exact !== null) return new Array<typeof length>(count).fill(exact);
      const part = ceilDivide(length, count);
      return Array.from({ length: count }, (_, i) =>
        i < count - 1 ? part : subtractDims(length, multiplyDims(part, count - 1)),
      );
    };
    return {
      infer([x, sizes]) {
        const lengths = parts(x, sizes);
        const axis = fromFront(given, x?.shape?.length ?? 0);
        return node.outputs.map((_, k) =>
          inferred(
            x?.dtype,
            x?.shape?.map((d, i) => (i === axis ? (lengths?.[k] ?? null) : d)),
          ),
        );
      },
      stream: (context) =>
        unaryAlong(context, (axis, rank) =>
          fromFront(given, rank) === axis ? refuse("timeIndexed") : { kind: "perFrame", axis },
        ),
      quant: { inputs: ["activation", "plain"], output: "same" },
      fold([x, sizes]) {
        const source = x?.constant;
        const lengths = parts(x, sizes);
        if (!source || !lengths) return undefined;
        const axis = fromFront(given, source.dims.length);
        const outs: Tensor[] = [];
        let start = 0;
        for (const length of lengths) {
          if (typeof length !== "number") return undefined;
          const from = start;
          const dims = source.dims.map((d, i) => (i === axis ? length : d));
          const steps = stridesOf(source.dims);
          const out = stridedCopy(source, { dims, steps, offset: from * (steps[axis] ?? 0) });
          if (!out) return undefined;
          outs.push(out);
          start += length;
        }
        return outs;
      },
    };
  },
  {
    before: 18,
    upgrade(node, attributes, { integers }) {
      const sizes = intsFrom(attributes.optionalInts("split"), undefined);
      const { split: _, ...rest } = node.attributes;
      const [x = "", input] = node.inputs;
      if (sizes) return [{ ...node, inputs: [x, integers(sizes)], attributes: rest }];
      if (input) return [node];
      return [
        { ...node, inputs: [x], attributes: { ...rest, num_outputs: intAttribute(node.outputs.length) } },
      ];
    },
  },
);

export const splitOps: readonly OpDefinition[] = [split];
