import { attributesOf } from "../ir/attributes.ts";
import type { Node } from "../ir/graph.ts";
import { elements, type Tensor } from "../ir/tensor.ts";
import type { OperandInfo, Operands } from "../ops/op.ts";
import { knownInts, knownScalar } from "../ops/rules/operand.ts";
import { sliceEntries } from "../ops/slice.ts";
import { EXACT, NO_JUNK } from "./fact.ts";
import type { Flow } from "./flow.ts";

/** A constant input whose entries along `axis` belong to the frames, from the first on. */
export interface Table {
  readonly input: number;
  readonly axis: number;
}

/** What frames that follow from their position hold (rows 38 and 39 of the transfer table). */
export type PositionSource =
  /** start + delta · position. */
  | { readonly kind: "range"; readonly start: number; readonly delta: number }
  /** The same in every frame; input `shape` of the node says how many. */
  | { readonly kind: "repeat"; readonly shape: number }
  /** Entry `start` + position of input 0. */
  | { readonly kind: "table"; readonly axis: number; readonly start: number; readonly length: number };

/** A table that ends: no stream may have more frames of the model's input. */
export interface LengthLimit {
  readonly node: string;
  readonly frames: number;
}

/** How a node whose result depends on the length alone follows the stream along `axis`; undefined if it does not. */
export function positionSource(node: Node, operands: Operands, axis: number): PositionSource | undefined {
  if (node.domain !== "") return undefined;
  switch (node.op) {
    case "Range": {
      const [start, delta] = [scalarOf(operands[0]), scalarOf(operands[2])];
      // A runtime adds up floats one by one: beyond whole numbers no two agree.
      const whole = Number.isInteger(start) && Number.isInteger(delta);
      return start === undefined || delta === undefined || !whole
        ? undefined
        : { kind: "range", start, delta };
    }
    case "ConstantOfShape":
      return { kind: "repeat", shape: 0 };
    case "Expand": {
      const shape = operands[0]?.shape;
      const rank = operands[1]?.symbolic?.length ?? 0;
      const own = shape?.[axis - Math.max(0, rank - shape.length)] ?? 1;
      return own === 1 ? { kind: "repeat", shape: 1 } : undefined;
    }
    case "Slice": {
      const entries = sliceEntries(attributesOf(node), operands);
      const only = entries?.length === 1 ? entries[0] : undefined;
      const length = operands[0]?.shape?.[axis];
      if (only?.axis !== axis || only.step !== 1 || typeof length !== "number") return undefined;
      return typeof only.start === "number" && only.start >= 0
        ? { kind: "table", axis, start: only.start, length: length - only.start }
        : undefined;
    }
    default:
      return undefined;
  }
}

function scalarOf(operand: OperandInfo | undefined): number | undefined {
  return knownScalar(operand) ?? knownInts(operand)?.[0];
}

/** The stream of positions beside a stream whose frames they count: it lags nowhere, and holds nothing but true frames. */
export function positionFlow(beside: Flow, axis: number): Flow {
  const lag = beside.lag - beside.fact.delay;
  return {
    fact: {
      kind: "stream",
      axis,
      rate: beside.fact.rate,
      delay: 0,
      junk: NO_JUNK,
      field: { past: 0, future: 0 },
      exact: EXACT,
    },
    lag,
    length: beside.length,
    cleanLag: lag,
    wrong: 0,
  };
}

/** Frames of the model's input after which `frames` frames of a value are used up. */
export function inputFramesOf(frames: number, { fact: { rate } }: Flow): number {
  return Math.floor((frames * rate.den) / rate.num);
}

/**
 * How many positions can be looked up in a table of `length` entries: from the indices of two lengths, which must be
 * an arithmetic sequence that starts inside. Infinity if the indices never leave the table; undefined if they are neither.
 */
export function positionsWithin(indices: Tensor | undefined, length: number): number | undefined {
  if (!indices || indices.dtype === "string") return undefined;
  const values = Array.from(elements(indices) as ArrayLike<number | bigint>, Number);
  const [first = 0, second = first] = values;
  const step = second - first;
  if (values.every((v, i) => v === first + i * step)) {
    if (first < 0 || step < 0) return undefined;
    return step === 0 ? Number.POSITIVE_INFINITY : Math.floor((length - 1 - first) / step) + 1;
  }
  return values.every((v) => v >= 0 && v < length) ? Number.POSITIVE_INFINITY : undefined;
}
