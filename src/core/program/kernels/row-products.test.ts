import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { doubleProducts, rowProducts } from "./row-products.ts";

const sizes = fc.record({
  rowCount: fc.integer({ min: 1, max: 5 }),
  filterCount: fc.integer({ min: 1, max: 9 }),
  depth: fc.integer({ min: 1, max: 40 }),
});

describe("rows times filters", () => {
  test("8-bit sums in blocks are the plain ones", () => {
    const int8 = (length: number) => fc.int8Array({ minLength: length, maxLength: length });
    const input = sizes.chain(
      (s) =>
        fc.record({
          ...Object.fromEntries(Object.entries(s).map(([k, v]) => [k, fc.constant(v)])),
          rows: int8(s.rowCount * s.depth),
          weights: int8(s.filterCount * s.depth),
        }) as fc.Arbitrary<typeof s & { rows: Int8Array; weights: Int8Array }>,
    );
    fc.assert(
      fc.property(input, (i) => {
        expect([...rowProducts(i)]).toEqual([...doubleProducts(i)].map((x) => x + 0));
      }),
    );
  });

  test("the largest products of 8 bits do not overflow where they are summed in 32", () => {
    const depth = 2 ** 17 - 1;
    const lowest = new Int8Array(depth).fill(-128);
    const [sum] = rowProducts({ rows: lowest, weights: lowest, rowCount: 1, filterCount: 1, depth });
    expect(sum).toBe(depth * 2 ** 14);
  });
});
