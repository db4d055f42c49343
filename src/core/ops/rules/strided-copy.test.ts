import fc from "fast-check";
import { expect, test } from "vitest";
import { floats, floatTensor, sizeOf } from "../../ir/tensor.ts";
import { coordinates } from "./fold.ts";
import { stridedCopy } from "./strided-copy.ts";

const axis = fc.record({ extent: fc.integer({ min: 0, max: 4 }), step: fc.integer({ min: -3, max: 5 }) });

test("every element is read where its coordinates say", () => {
  fc.assert(
    fc.property(fc.array(axis, { maxLength: 4 }), (axes) => {
      const dims = axes.map((a) => a.extent);
      const steps = axes.map((a) => a.step);
      const reach = axes.map(({ extent, step }) => Math.max(extent - 1, 0) * step);
      const offset = reach.reduce((n, r) => n - Math.min(r, 0), 0);
      const size = offset + 1 + reach.reduce((n, r) => n + Math.max(r, 0), 0);
      const source = floatTensor(
        Array.from({ length: size }, (_, i) => i),
        [size],
      );
      const copy = stridedCopy(source, { dims, steps, offset });
      const expected = Array.from({ length: sizeOf(dims) }, (_, flat) =>
        coordinates(flat, dims).reduce((at, c, i) => at + c * (steps[i] ?? 0), offset),
      );
      expect(copy && [...floats(copy)]).toEqual(expected);
    }),
  );
});
