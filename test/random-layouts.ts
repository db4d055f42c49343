import fc from "fast-check";

/** Sizes of n boxes and edges in data-flow order, multi-edges, isolated boxes and several parts among them. */
export const randomBoxes = (n: number) => ({
  sizes: fc
    .array(fc.integer({ min: 10, max: 150 }), { minLength: 2 * n, maxLength: 2 * n })
    .map((s) => Float32Array.from(s)),
  edges: fc
    .array(fc.tuple(fc.nat(n - 1), fc.nat(n - 1)), { maxLength: 80 })
    .map((pairs) =>
      Int32Array.from(
        pairs.filter(([a, b]) => a !== b).flatMap(([a, b]) => [Math.min(a, b), Math.max(a, b)]),
      ),
    ),
});
