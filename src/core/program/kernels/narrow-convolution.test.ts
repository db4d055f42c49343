import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { simdKernels } from "../../base/simd/simd-kernels.ts";
import type { Rounding } from "../../quant/scheme.ts";
import { narrowDense, narrowDepthwise } from "./narrow-convolution.ts";
import { requantizeRows } from "./requantize-rows.ts";
import { doubleProducts } from "./row-products.ts";

const int8 = (length: number) => fc.int8Array({ minLength: length, maxLength: length });

const cases = fc
  .record({
    rows: fc.integer({ min: 1, max: 9 }),
    depth: fc.integer({ min: 1, max: 21 }),
    outputs: fc.constantFrom(1, 5, 8, 16, 19),
  })
  .chain(({ rows, depth, outputs }) =>
    fc.record({
      rows: fc.constant(rows),
      depth: fc.constant(depth),
      outputs: fc.constant(outputs),
      x: int8(rows * depth),
      weights: int8(outputs * depth),
      bias: fc.option(
        fc
          .array(fc.integer({ min: -50000, max: 50000 }), { minLength: outputs, maxLength: outputs })
          .map((b) => Float64Array.from(b)),
        { nil: undefined },
      ),
      shifts: fc.array(fc.integer({ min: 2, max: 9 }), { minLength: outputs, maxLength: outputs }),
      relu: fc.boolean(),
      rounding: fc.constantFrom<Rounding>("half-even", "half-up"),
    }),
  );

describe.skipIf(!simdKernels())("vector kernels give the integers of the plain loops", () => {
  test("rows times filters, whatever shifts outputs have", () => {
    fc.assert(
      fc.property(cases, ({ rows, depth, ...input }) => {
        const sums = doubleProducts({
          rows: input.x,
          rowCount: rows,
          weights: input.weights,
          filterCount: input.outputs,
          depth,
        });
        const plain = requantizeRows(sums, input.bias, { ...input, record: { dtype: "int8" } });
        expect(narrowDense(input, rows, depth)?.((x) => x.set(input.x))).toEqual(plain);
      }),
    );
  });

  test("one filter for every channel, one tap after the other", () => {
    const channels = 16;
    const taps = 3;
    fc.assert(
      fc.property(
        int8(5 * channels),
        int8(taps * channels),
        fc.integer({ min: 1, max: 6 }),
        (x, weights, least) => {
          const shifts = Array.from({ length: channels }, (_, c) => least + (c % 5));
          // Tap t reads the place t − 1: the first and the last place miss one.
          const runs = [0, 1, 2].map((tap) => {
            const firstPlace = tap === 0 ? 1 : 0;
            return {
              tap,
              from: (firstPlace + tap - 1) * channels,
              step: channels,
              firstPlace,
              places: tap === 1 ? 5 : 4,
            };
          });
          const sums = new Float64Array(5 * channels);
          for (let p = 0; p < 5; p++)
            for (let tap = 0; tap < taps; tap++)
              for (let c = 0; c < channels; c++)
                sums[p * channels + c] =
                  (sums[p * channels + c] ?? 0) +
                  (x[(p + tap - 1) * channels + c] ?? 0) * (weights[tap * channels + c] ?? 0);
          const bias = undefined;
          const input = {
            weights,
            bias,
            outputs: channels,
            shifts,
            relu: false,
            rounding: "half-even" as const,
          };
          const plain = requantizeRows(sums, bias, { ...input, record: { dtype: "int8" } });
          const run = narrowDepthwise(input, { elements: x.length, places: 5 }, () => runs);
          expect(run?.((into) => into.set(x))).toEqual(plain);
        },
      ),
    );
  });
});
