import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { elements, sizeOf, tensorOf } from "../../ir/tensor.ts";
import { type FilterLayout, FilterShapeError, packFilter, unpackFilter } from "./filter-packing.ts";

const KINDS = ["dense", "depthwise", "gemm", "matmul"] as const;
const BLOCKS = [0, 8, 16] as const;

function onnxShape(kind: FilterLayout["kind"], size: { n: number; c: number; kernel: number[] }): number[] {
  const { n, c, kernel } = size;
  if (kind === "gemm") return [c, n];
  if (kind === "matmul") return [...kernel, c, n];
  return [n, kind === "dense" ? c : 1, ...kernel];
}

const counted = (dims: readonly number[]) =>
  tensorOf(
    Int16Array.from({ length: sizeOf(dims) }, (_, i) => i),
    dims,
  );

describe("filters", () => {
  test("packed and unpacked are the same, whatever the channels leave over", () => {
    const size = fc.record({
      n: fc.integer({ min: 1, max: 40 }),
      c: fc.integer({ min: 1, max: 5 }),
      kernel: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.constantFrom(...KINDS), fc.constantFrom(...BLOCKS), size, (kind, block, s) => {
        const tensor = counted(onnxShape(kind, s));
        const packed = packFilter({ kind, block }, tensor);
        expect([...elements(packed)].sort((a, b) => Number(a) - Number(b))).toEqual([...elements(tensor)]);
        expect(unpackFilter({ kind, block }, packed)).toEqual(tensor);
      }),
    );
  });

  test("without blocks a dense filter is OHWI and a depthwise one HWO", () => {
    const dense = packFilter({ kind: "dense", block: 0 }, counted([2, 3, 2]));
    expect([dense.dims, [...elements(dense)]]).toEqual([
      [2, 3, 2],
      [0, 2, 4, 1, 3, 5, 6, 8, 10, 7, 9, 11],
    ]);
    const depthwise = packFilter({ kind: "depthwise", block: 0 }, counted([3, 1, 2]));
    expect([depthwise.dims, [...elements(depthwise)]]).toEqual([
      [2, 3, 1],
      [0, 2, 4, 1, 3, 5],
    ]);
  });

  test("a block holds its channels side by side; what fills no block follows as it is", () => {
    const dense = [...elements(packFilter({ kind: "dense", block: 8 }, counted([9, 2, 1])))];
    expect(dense.slice(0, 8)).toEqual([0, 2, 4, 6, 8, 10, 12, 14]);
    expect(dense.slice(8, 16)).toEqual([1, 3, 5, 7, 9, 11, 13, 15]);
    expect(dense.slice(16)).toEqual([16, 17]);
    const depthwise = [...elements(packFilter({ kind: "depthwise", block: 8 }, counted([10, 1, 2])))];
    expect(depthwise.slice(0, 8)).toEqual([0, 2, 4, 6, 8, 10, 12, 14]);
    expect(depthwise.slice(16)).toEqual([16, 18, 17, 19]);
  });

  test("dims that are no filter are refused", () => {
    expect(() => packFilter({ kind: "depthwise", block: 0 }, counted([2, 2, 3]))).toThrow(FilterShapeError);
    expect(() => packFilter({ kind: "gemm", block: 0 }, counted([2, 2, 3]))).toThrow(FilterShapeError);
    expect(() => unpackFilter({ kind: "gemm", block: 0 }, counted([2, 3]))).toThrow(FilterShapeError);
    expect(() => unpackFilter({ kind: "dense", block: 0 }, counted([2, 3]))).toThrow(FilterShapeError);
  });
});
