import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { simdKernels } from "../../base/simd/simd-kernels.ts";
import { bytesFrom, combinedBytes, floorOf } from "./byte-vectors.ts";

const pairs = fc
  .integer({ min: 1, max: 70 })
  .chain((n) =>
    fc.tuple(fc.int8Array({ minLength: n, maxLength: n }), fc.int8Array({ minLength: n, maxLength: n })),
  );

const saturated = (x: number, low: number): number => Math.max(low, Math.min(127, x));

describe.skipIf(!simdKernels())("vector kernels of bytes", () => {
  test("add and subtract as numbers do, saturated", () => {
    fc.assert(
      fc.property(pairs, fc.constantFrom<1 | -1>(1, -1), fc.constantFrom(-128, 0), ([a, b], sign, low) => {
        const plain = a.map((x, i) => saturated(x + sign * (b[i] ?? 0), low));
        expect(combinedBytes(a, b, sign, low)).toEqual(plain);
      }),
    );
  });

  test("take the place of the tables that only cut off below", () => {
    fc.assert(
      fc.property(pairs, fc.integer({ min: -128, max: 127 }), ([x], low) => {
        const table = Int8Array.from({ length: 256 }, (_, i) => Math.max(i - 128, low));
        expect(floorOf(table)).toBe(low);
        expect(bytesFrom(x, low)).toEqual(x.map((q) => table[q + 128] ?? 0));
      }),
    );
  });

  test("and of no other", () => {
    const halved = Int8Array.from({ length: 256 }, (_, i) => (i - 128) >> 1);
    const capped = Int8Array.from({ length: 256 }, (_, i) => Math.min(Math.max(i - 128, 0), 126));
    expect([floorOf(halved), floorOf(capped)]).toEqual([undefined, undefined]);
  });
});
