import type { Dim, Shape } from "../ir/graph.ts";
import { byteLength, elements } from "../ir/tensor.ts";
import type { OperandInfo } from "./op.ts";
import { defineOp, type OpDefinition } from "./op.ts";
import { broadcastIndex, broadcastShapes } from "./rules/broadcast.ts";
import { emptyTensor } from "./rules/fold.ts";
import { inferred, isInteger, knownDims, vectorOf } from "./rules/operand.ts";
import { pointwiseRule } from "./rules/time.ts";

function conditionOf(c: OperandInfo | undefined): Shape | undefined {
  if (c?.constant && c.constant.dims.length <= 1) return Array.from(elements(c.constant) as Uint8Array);
  return c?.symbolic;
}

function chosen(condition: Dim, a: Dim, b: Dim): Dim {
  return condition === null ? null : condition ? a : b;
}

/** A symbolic integer vector chosen by a constant condition (the −1 of an exported expand). */
function chooseSymbolic([c, a, b]: readonly (OperandInfo | undefined)[]): Shape | undefined {
  if (!isInteger(a?.dtype ?? b?.dtype)) return undefined;
  const mask = conditionOf(c);
  const va = vectorOf(a);
  const vb = vectorOf(b);
  if (!va || !vb || !mask) return undefined;
  const n = Math.max(mask.length, va.length, vb.length);
  const at = <T>(v: readonly T[], i: number): T | undefined => v[v.length === 1 ? 0 : i];
  return Array.from({ length: n }, (_, i) =>
    chosen(at(mask, i) ?? null, at(va, i) ?? null, at(vb, i) ?? null),
  );
}

const where = defineOp(
  "Where",
  "Takes from the second input where the first is true, else the third.",
  () => ({
    infer: (operands) => [
      inferred(
        operands[1]?.dtype ?? operands[2]?.dtype,
        broadcastShapes(operands.slice(0, 3)),
        chooseSymbolic(operands),
      ),
    ],
    stream: pointwiseRule,
    quant: { inputs: ["plain", "activation", "activation"], output: "union", floatOnly: true },
    fold(operands) {
      const [c, a, b] = operands.map((o) => o?.constant);
      const dims = knownDims(broadcastShapes(operands.slice(0, 3)));
      if (!c || !a || !b || !dims || a.dtype === "string" || a.dtype !== b.dtype) return undefined;
      const width = byteLength(a.dtype, 2) / 2;
      if (width < 1) return undefined;
      const out = emptyTensor(a.dtype, dims);
      const atC = broadcastIndex(c.dims, dims);
      const sources = [
        { t: b, at: broadcastIndex(b.dims, dims) },
        { t: a, at: broadcastIndex(a.dims, dims) },
      ];
      for (let i = 0; i * width < out.bytes.length; i++) {
        const s = sources[c.bytes[atC(i)] ? 1 : 0];
        const from = (s?.at(i) ?? 0) * width;
        out.bytes.set(s?.t.bytes.subarray(from, from + width) ?? [], i * width);
      }
      return [out];
    },
  }),
);

export const whereOps: readonly OpDefinition[] = [where];
