import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { channelParams, IDLE_RANGE, paramsFor } from "./params.ts";
import type { Scheme } from "./scheme.ts";

const asymmetric: Scheme = {
  bits: 8,
  symmetric: false,
  granularity: "tensor",
  scale: "float",
  rounding: "half-even",
  narrow: false,
};
const narrow: Scheme = { ...asymmetric, symmetric: true, narrow: true };

/** low, high, scale, zero point, symmetric scale: `compute_scale_zp` of onnxruntime 1.30 for float32 extremes. */
const ORT_CASES = [
  [-1, 1, 0.007843137718737125, 0, 0.007874015718698502],
  [-0.5, 3.25, 0.014705882407724857, -94, 0.025590552017092705],
  [0, 6, 0.0235294122248888, -128, 0.04724409431219101],
  [2, 5, 0.019607843831181526, -128, 0.03937007859349251],
  [-7.5, -1.25, 0.029411764815449715, 127, 0.05905511975288391],
  [-0.001, 0.002, 1.1764706869143993e-5, -43, 1.5748031728435308e-5],
  [-123.456, 654.321, 3.0501058101654053, -88, 5.152133941650391],
  [0.1, 0.2, 0.0007843137136660516, -128, 0.0015748031437397003],
  [-30000.0, 1, 117.6509780883789, 127, 236.22047424316406],
  [-0.29, 0.71, 0.003921568393707275, -54, 0.005590551067143679],
  [0, 1, 0.003921568859368563, -128, 0.007874015718698502],
] as const;

describe("paramsFor", () => {
  it.each(ORT_CASES)(
    "agrees with ONNX Runtime on [%d, %d]",
    (low, high, scale, zeroPoint, symmetricScale) => {
      const range = { low: Math.fround(low), high: Math.fround(high) };
      expect(paramsFor(range, asymmetric, "int8")).toEqual({
        dtype: "int8",
        scales: [scale],
        zeroPoints: [zeroPoint],
      });
      expect(paramsFor(range, narrow, "int8")).toEqual({
        dtype: "int8",
        scales: [symmetricScale],
        zeroPoints: [0],
      });
    },
  );

  it("represents zero exactly and both ends to half a step", () => {
    const end = fc.float({ min: -1000, max: 1000, noNaN: true });
    fc.assert(
      fc.property(end, end, (a, b) => {
        const [low, high] = [Math.min(a, b, 0), Math.max(a, b, 0)];
        for (const dtype of ["int8", "uint8"] as const) {
          const { scales, zeroPoints } = paramsFor(
            { low: Math.min(a, b), high: Math.max(a, b) },
            asymmetric,
            dtype,
          );
          const [scale = 0, zero = 0] = [scales[0], zeroPoints[0]];
          const [min, max] = dtype === "int8" ? [-128, 127] : [0, 255];
          expect(scale).toBe(Math.fround(scale));
          expect(Number.isInteger(zero) && zero >= min && zero <= max).toBe(true);
          if (high - low > IDLE_RANGE.high) {
            // Half a step of rounding the zero point, and float32's rounding of the scale.
            expect((min - zero) * scale).toBeLessThanOrEqual(low + scale * 0.5001);
            expect((max - zero) * scale).toBeGreaterThanOrEqual(high - scale * 0.5001);
          }
        }
      }),
    );
  });

  it("gives tensors that never moved a small range", () => {
    for (const high of [0, 2 ** -149, 1e-38]) {
      expect(paramsFor({ low: 0, high }, asymmetric, "int8")).toEqual(
        paramsFor(IDLE_RANGE, asymmetric, "int8"),
      );
    }
    expect(paramsFor({ low: 0, high: 0 }, asymmetric, "int8").zeroPoints).toEqual([-128]);
  });

  it("keeps zero in the middle of symmetric schemes", () => {
    expect(paramsFor({ low: -1, high: 0.5 }, narrow, "uint8").zeroPoints).toEqual([128]);
  });

  it("rounds power-of-two scales up", () => {
    const pow2: Scheme = { ...narrow, scale: "pow2" };
    expect(paramsFor({ low: -127, high: 127 }, pow2, "int8").scales).toEqual([1]);
    expect(paramsFor({ low: -128, high: 1 }, pow2, "int8").scales).toEqual([2]);
    expect(paramsFor({ low: 0, high: 0.2 }, pow2, "int8").scales).toEqual([2 ** -9]);
  });
});

describe("channelParams", () => {
  it("is paramsFor, channel by channel", () => {
    const ranges = [
      { low: -1, high: 1 },
      { low: 0, high: 0 },
    ];
    const params = channelParams(ranges, 1, narrow, "int8");
    expect(params.axis).toBe(1);
    expect(params.scales).toEqual(ranges.flatMap((r) => paramsFor(r, narrow, "int8").scales));
  });
});
