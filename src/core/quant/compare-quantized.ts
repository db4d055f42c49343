import type { ValueName } from "../ir/graph.ts";
import { elements } from "../ir/tensor.ts";
import type { Grid, GridTensor, QuantizedModel } from "./quantized-model.ts";

export const NUMBER_KINDS = ["values", "parameters", "tables", "tests"] as const;
export type NumberKind = (typeof NUMBER_KINDS)[number];

/** One thing in which two tensors of the same name differ. */
export type Difference = { readonly kind: NumberKind; readonly name: ValueName } & (
  | { readonly what: "dtype"; readonly a: string; readonly b: string }
  | {
      readonly what: "scale" | "zeroPoint" | "shape";
      readonly a: readonly number[];
      readonly b: readonly number[];
    }
  | {
      readonly what: "integers";
      /** How many elements differ, of how many. */
      readonly count: number;
      readonly of: number;
      readonly maxDistance: number;
      /** The first that differs, in row-major order, and its two values. */
      readonly first: number;
      readonly a: number;
      readonly b: number;
    }
);

/**
 * Float test vectors (of a Softmax, say) are equal within this: it is what ESP-DL's own test() allows them, since exp is
 * not the same to the last bit everywhere. Integers have no tolerance.
 */
export const FLOAT_TOLERANCE = 2e-5;

export interface KindCount {
  readonly kind: NumberKind;
  readonly compared: number;
  readonly equal: number;
  /** How many of the equal ones are so only within FLOAT_TOLERANCE. */
  readonly close: number;
  readonly onlyA: readonly ValueName[];
  readonly onlyB: readonly ValueName[];
  /** Whether one of the files has nothing of this kind, so that there was nothing to compare. */
  readonly absent: boolean;
}

export interface QuantizedComparison {
  readonly equal: boolean;
  readonly kinds: readonly KindCount[];
  readonly differences: readonly Difference[];
}

/**
 * Compares two quantized models by name: dtype, scale, zero point, shape and every integer (floats within FLOAT_TOLERANCE). They are equal if whatever both have
 * is, both have the same inputs and outputs, and no weight or bias is alone. Structure may differ: inner values, tables and
 * test vectors without a counterpart are listed and do not count, nor does a kind that one of the formats does not have.
 */
export function compareQuantized(a: QuantizedModel, b: QuantizedModel): QuantizedComparison {
  const differences: Difference[] = [];
  const kinds = NUMBER_KINDS.map((kind): KindCount => {
    const [left, right]: readonly ReadonlyMap<ValueName, Grid>[] = [a[kind], b[kind]];
    if (!left || !right) throw new Error(`no ${kind}`);
    const shared = [...left.keys()].filter((name) => right.has(name));
    let equal = 0;
    let close = 0;
    for (const name of shared) {
      const all = differencesOf(left.get(name), right.get(name));
      const found = all.filter((d) => !isClose(d, left.get(name)));
      if (found.length === 0) {
        equal++;
        close += all.length;
      }
      differences.push(...found.map((d) => ({ kind, name, ...d })));
    }
    return {
      kind,
      compared: shared.length,
      equal,
      close,
      onlyA: [...left.keys()].filter((name) => !right.has(name)),
      onlyB: [...right.keys()].filter((name) => !left.has(name)),
      absent: left.size === 0 || right.size === 0,
    };
  });
  const lonely = kinds.some((k) => k.kind === "parameters" && k.onlyA.length + k.onlyB.length > 0);
  const compared = kinds.reduce((n, k) => n + k.compared, 0);
  const ports = sameSet(a.inputs, b.inputs) && sameSet(a.outputs, b.outputs);
  return { equal: differences.length === 0 && !lonely && ports && compared > 0, kinds, differences };
}

type Found = Difference extends infer D ? (D extends Difference ? Omit<D, "kind" | "name"> : never) : never;

function differencesOf(a: Grid | undefined, b: Grid | undefined): Found[] {
  if (!a || !b) return [];
  const found: Found[] = [];
  if (a.dtype !== b.dtype) found.push({ what: "dtype", a: a.dtype, b: b.dtype });
  const scales = [merged(a.scales), merged(b.scales)] as const;
  if (!sameList(...scales)) found.push({ what: "scale", a: scales[0], b: scales[1] });
  const zeros = [merged(a.zeroPoints), merged(b.zeroPoints)] as const;
  if (!sameList(...zeros)) found.push({ what: "zeroPoint", a: zeros[0], b: zeros[1] });
  if (hasTensor(a) && hasTensor(b)) found.push(...integersApart(a, b));
  return found;
}

function isClose(difference: Found, { dtype }: Partial<Grid> = {}): boolean {
  return difference.what === "integers" && dtype === "float32" && difference.maxDistance <= FLOAT_TOLERANCE;
}

function hasTensor(grid: Grid): grid is GridTensor {
  return "tensor" in grid;
}

function integersApart({ tensor: a }: GridTensor, { tensor: b }: GridTensor): Found[] {
  if (!sameList(a.dims, b.dims)) return [{ what: "shape", a: a.dims, b: b.dims }];
  const left: ArrayLike<number | bigint> = elements(a);
  const right: ArrayLike<number | bigint> = elements(b);
  let count = 0;
  let maxDistance = 0;
  let first = 0;
  for (let i = 0; i < left.length; i++) {
    const [x, y] = [left[i] ?? 0, right[i] ?? 0];
    // As bigints where both are: 64-bit biases do not fit a number.
    const same =
      typeof x === typeof y ? x === y || (Number.isNaN(x) && Number.isNaN(y)) : Number(x) === Number(y);
    if (same) continue;
    if (count++ === 0) first = i;
    maxDistance = Math.max(maxDistance, Math.abs(Number(x) - Number(y)));
  }
  if (count === 0) return [];
  const at = (list: ArrayLike<number | bigint>): number => Number(list[first] ?? 0);
  return [{ what: "integers", count, of: left.length, maxDistance, first, a: at(left), b: at(right) }];
}

/** Per-channel lists that say the same for every channel are one. */
function merged(list: readonly number[]): readonly number[] {
  return list.every((x) => x === list[0]) ? list.slice(0, 1) : list;
}

function sameList(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((x, i) => x === b[i]);
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  const names = new Set(a);
  return a.length === b.length && b.every((name) => names.has(name));
}
