import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concatAxis, filled, sliceAxis, stackChunks, unstackChunks } from "./axis.ts";
import { floats, floatTensor, sizeOf, type Tensor } from "./tensor.ts";

const ramp = (dims: readonly number[]): Tensor =>
  floatTensor(
    Array.from({ length: sizeOf(dims) }, (_, i) => i),
    dims,
  );

const cases = fc.record({
  outer: fc.integer({ min: 1, max: 3 }),
  n: fc.integer({ min: 1, max: 4 }),
  steps: fc.integer({ min: 1, max: 5 }),
  inner: fc.integer({ min: 1, max: 3 }),
});

describe("axis", () => {
  it("slices and joins back", () => {
    fc.assert(
      fc.property(cases, fc.nat(), ({ outer, n, steps, inner }, cut) => {
        const t = ramp([outer, n * steps, inner]);
        const at = cut % (n * steps + 1);
        const joined = concatAxis([sliceAxis(t, 1, 0, at), sliceAxis(t, 1, at, n * steps)], 1);
        expect(joined.dims).toEqual(t.dims);
        expect(joined.bytes).toEqual(t.bytes);
      }),
    );
  });

  it("stacks chunks in time order and unstacks them", () => {
    fc.assert(
      fc.property(cases, ({ outer, n, steps, inner }) => {
        const t = ramp([outer, n * steps, inner]);
        const stacked = stackChunks(t, 1, n);
        expect(stacked.dims).toEqual([steps, outer, n, inner]);
        const last = sliceAxis(stacked, 0, steps - 1, steps);
        expect(Array.from(floats(last))).toEqual(
          Array.from(floats(sliceAxis(t, 1, n * (steps - 1), n * steps))),
        );
        expect(unstackChunks(stacked, 1).bytes).toEqual(t.bytes);
      }),
    );
  });

  it("fills", () => {
    expect(Array.from(floats(filled("float32", [2, 2], -1.5)))).toEqual([-1.5, -1.5, -1.5, -1.5]);
    expect(Array.from(filled("int8", [2], -128).bytes)).toEqual([128, 128]);
  });
});
