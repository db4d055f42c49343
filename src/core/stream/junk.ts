import { elements, floatTensor, type Tensor } from "../ir/tensor.ts";
import type { OperandInfo, Operands, OpRules } from "../ops/op.ts";
import { DIRTY, type Junk, NO_JUNK } from "./fact.ts";

/** Static operands beyond this size are not worth evaluating for the sake of a constant. */
const MAX_ELEMENTS = 4096;

/** Junk behind a delay line of `frames` frames that was filled with `delayFill(junk)`. */
export function delayedJunk(junk: Junk, frames: number): Junk {
  return frames > 0 && junk.kind === "none" ? { kind: "const", value: 0 } : junk;
}

/** Fill of a delay line that keeps the junk in front of it constant; undefined if that is out of reach. */
export function delayFill(junk: Junk): number | undefined {
  return junk.kind === "none" ? 0 : junk.kind === "const" ? junk.value : undefined;
}

/** Junk of an output that lags by `delay` frames, for an operator that moves data of inputs with this junk. */
export function movedJunk(delay: number, inputs: readonly Junk[]): Junk {
  if (delay === 0) return NO_JUNK;
  const first = inputs[0];
  if (first?.kind !== "const") return DIRTY;
  return inputs.every((j) => j.kind === "const" && j.value === first.value) ? first : DIRTY;
}

/**
 * Junk of a pointwise output: the operator evaluated once on the constant junk of its streaming inputs.
 * `junk[i]` is undefined for static inputs.
 */
export function pointwiseJunk(
  rules: OpRules,
  operands: Operands,
  junk: readonly (Junk | undefined)[],
  delay: number,
): Junk {
  if (delay === 0) return NO_JUNK;
  const scalars: (OperandInfo | undefined)[] = [];
  for (const [i, operand] of operands.entries()) {
    const own = junk[i];
    if (own === undefined) {
      if (operand && !isSmallConstant(operand)) return DIRTY;
      scalars.push(operand);
    } else {
      if (own.kind !== "const" || operand?.dtype !== "float32") return DIRTY;
      const constant = floatTensor([own.value], []);
      scalars.push({ dtype: "float32", shape: [], constant });
    }
  }
  const result = rules.fold?.(scalars)?.[0];
  const value = result && uniform(result);
  return value === undefined ? DIRTY : { kind: "const", value };
}

function isSmallConstant(operand: OperandInfo): boolean {
  const c = operand.constant;
  return c !== undefined && c.dims.reduce((n, d) => n * d, 1) <= MAX_ELEMENTS;
}

function uniform(t: Tensor): number | undefined {
  if (t.dtype !== "float32") return undefined;
  const [first, ...rest] = elements(t);
  return first !== undefined && rest.every((v) => v === first) ? Number(first) : undefined;
}
