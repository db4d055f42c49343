import { named } from "../base/detail.ts";
import type { AttributeReader } from "../ir/attributes.ts";
import type { Dim } from "../ir/graph.ts";
import { byteLength, elements, sizeOf } from "../ir/tensor.ts";
import {
  defineOp,
  type OpDefinition,
  type Operands,
  refuse,
  type StreamContext,
  type StreamRule,
} from "./op.ts";
import { addDims } from "./rules/dim.ts";
import { coordinates, emptyTensor, flatIndex } from "./rules/fold.ts";
import { fromFront, inferred, knownInts, knownScalar, vectorOf } from "./rules/operand.ts";
import { unaryAlong } from "./rules/time.ts";

/** [before, after] per axis from attributes (Pad-1, Pad-2) or inputs (Pad-11 on, axes since 18). */
export function padPairs(
  attributes: AttributeReader,
  operands: Operands,
): readonly (readonly [Dim, Dim])[] | undefined {
  const rank = operands[0]?.shape?.length;
  const pads =
    attributes.optionalInts("pads") ?? attributes.optionalInts("paddings") ?? vectorOf(operands[1]);
  if (rank === undefined || !pads) return undefined;
  const axes = operands[3]
    ? knownInts(operands[3])?.map((a) => fromFront(a, rank))
    : Array.from({ length: rank }, (_, i) => i);
  if (!axes) return undefined;
  const pairs = Array.from({ length: rank }, (): [Dim, Dim] => [0, 0]);
  for (const [i, axis] of axes.entries()) pairs[axis] = [pads[i] ?? null, pads[axes.length + i] ?? null];
  return pairs;
}

/** The fill value of a constant Pad; undefined if it is computed. */
export function padValue(attributes: AttributeReader, operands: Operands): number | undefined {
  return operands[2] ? knownScalar(operands[2]) : attributes.float("value", 0);
}

function padStream(attributes: AttributeReader, context: StreamContext): StreamRule {
  return unaryAlong(context, (axis) => {
    const pairs = padPairs(attributes, context.operands);
    const pair = pairs?.[axis];
    if (!pairs || !pair) return refuse("dataDependent", named("pads"));
    const [before, after] = pair;
    if (before === 0 && after === 0) return { kind: "perFrame", axis };
    const mode = attributes.string("mode", "constant");
    const value = mode === "constant" ? padValue(attributes, context.operands) : 0;
    if (typeof before !== "number" || typeof after !== "number" || value === undefined) {
      return refuse("dataDependent", named("pads"));
    }
    if (pairs.some(([b, a], i) => i !== axis && (b !== 0 || a !== 0))) {
      return refuse("paddingMode", { code: "padsTwoAxes" });
    }
    if (mode !== "constant" && (before > 0 || after > 0)) {
      const mirrors = (mode === "edge" || mode === "reflect") && before >= 0 && after >= 0;
      return mirrors ? { kind: "mirror", mode, before, after } : refuse("paddingMode", named(mode));
    }
    if (before >= 0 && after >= 0) return { kind: "extend", before, after, value };
    if (before <= 0 && after <= 0) return { kind: "crop", start: -before };
    return refuse("paddingMode", { code: "cropsAndExtends" });
  });
}

/** Where the other modes read an element that lies outside. */
const INSIDE: Readonly<Record<string, ((at: number, extent: number) => number) | undefined>> = {
  edge: (at, extent) => Math.min(Math.max(at, 0), extent - 1),
  reflect: (at, extent) => {
    if (extent < 2) return 0;
    const period = 2 * (extent - 1);
    const from = ((at % period) + period) % period;
    return from < extent ? from : period - from;
  },
  wrap: (at, extent) => ((at % extent) + extent) % extent,
};

const pad = defineOp(
  "Pad",
  "Adds constant, reflected or repeated entries around a tensor; negative pads crop.",
  (attributes) => ({
    infer(operands) {
      const [x] = operands;
      const pairs = padPairs(attributes, operands);
      return [
        inferred(
          x?.dtype,
          x?.shape?.map((d, i) => addDims(d, addDims(pairs?.[i]?.[0] ?? null, pairs?.[i]?.[1] ?? null))),
        ),
      ];
    },
    stream: (context) => padStream(attributes, context),
    quant: { inputs: ["activation", "plain", "plain", "plain"], output: "same", floatOnly: true },
    isIdentity: (operands) => padPairs(attributes, operands)?.every(([b, a]) => b === 0 && a === 0) ?? false,
    fold(operands) {
      const source = operands[0]?.constant;
      const pairs = padPairs(attributes, operands);
      const inside = INSIDE[attributes.string("mode", "constant")];
      const value = inside ? 0 : padValue(attributes, operands);
      if (!source || !pairs || value === undefined) return undefined;
      const width = byteLength(source.dtype, 2) / 2;
      if (source.dtype === "string" || width < 1 || source.dtype.includes("float16")) return undefined;
      if (pairs.some((p) => typeof p[0] !== "number" || typeof p[1] !== "number")) return undefined;
      const dims = source.dims.map((d, i) => d + Number(pairs[i]?.[0]) + Number(pairs[i]?.[1]));
      const out = emptyTensor(source.dtype, dims);
      const data = elements(out);
      if (data instanceof BigInt64Array || data instanceof BigUint64Array) data.fill(BigInt(value));
      else data.fill(value);
      for (let i = 0; i < sizeOf(dims); i++) {
        const place = coordinates(i, dims).map((c, k) => c - Number(pairs[k]?.[0]));
        const at = inside ? place.map((c, k) => inside(c, source.dims[k] ?? 0)) : place;
        if (at.some((c, k) => c < 0 || c >= (source.dims[k] ?? 0))) continue;
        const from = flatIndex(at, source.dims) * width;
        out.bytes.set(source.bytes.subarray(from, from + width), i * width);
      }
      return [out];
    },
  }),
  {
    before: 11,
    upgrade(node, attributes, { integers, constant }) {
      const pads = attributes.optionalInts("pads") ?? attributes.optionalInts("paddings") ?? [];
      const value = attributes.float("value", 0);
      const { pads: _, paddings: __, value: ___, ...rest } = node.attributes;
      const inputs = [node.inputs[0] ?? "", integers(pads)];
      if (value !== 0) inputs.push(constant([value], []));
      return [{ ...node, inputs, attributes: rest }];
    },
  },
);

export const padOps: readonly OpDefinition[] = [pad];
