import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeComplexFft } from "./complex-fft.ts";
import { makeRealFft } from "./fft.ts";
import { noise } from "./signals.fixture.ts";

function spectrum(samples: Float64Array): { re: Float64Array; im: Float64Array } {
  const fft = makeRealFft(samples.length);
  const re = new Float64Array(fft.bins);
  const im = new Float64Array(fft.bins);
  fft.transform(samples, re, im);
  return { re, im };
}

const sizes = fc.oneof(fc.integer({ min: 1, max: 130 }), fc.constantFrom(256, 400, 512, 960));
const signals = sizes.chain((n) =>
  fc.float64Array({ min: -1, max: 1, noNaN: true, minLength: n, maxLength: n }),
);

// Rounding grows with log n; 1e-12 is a thousand times what is seen at these sizes.
const CLOSE = 1e-12;

describe("real transform", () => {
  test("is the defining sum, at every size", () => {
    fc.assert(
      fc.property(signals, (x) => {
        const { re, im } = spectrum(x);
        re.forEach((r, k) => {
          let sr = 0;
          let si = 0;
          x.forEach((v, n) => {
            const angle = (-2 * Math.PI * ((k * n) % x.length)) / x.length;
            sr += v * Math.cos(angle);
            si += v * Math.sin(angle);
          });
          expect(Math.abs(r - sr)).toBeLessThan(CLOSE * x.length);
          expect(Math.abs((im[k] ?? 9) - si)).toBeLessThan(CLOSE * x.length);
        });
      }),
      { numRuns: 60 },
    );
  });

  test("keeps energy (Parseval)", () => {
    fc.assert(
      fc.property(signals, (x) => {
        const { re, im } = spectrum(x);
        let energy = 0;
        re.forEach((r, k) => {
          const single = k === 0 || 2 * k === x.length;
          energy += (single ? 1 : 2) * (r * r + (im[k] ?? 0) ** 2);
        });
        const direct = x.reduce((s, v) => s + v * v, 0);
        expect(Math.abs(energy / x.length - direct)).toBeLessThan(CLOSE * x.length);
      }),
    );
  });

  test.each([400, 441, 512, 1000])("a cosine of size %i lands in its bin", (n) => {
    const bin = 37;
    const x = Float64Array.from({ length: n }, (_, i) => Math.cos((2 * Math.PI * bin * i) / n + 0.5));
    const { re, im } = spectrum(x);
    const magnitude = Array.from(re, (r, k) => Math.sqrt(r * r + (im[k] ?? 0) ** 2));
    magnitude.forEach((m, k) => {
      expect(m).toBeCloseTo(k === bin ? n / 2 : 0, 8);
    });
    expect(Math.atan2(im[bin] ?? 0, re[bin] ?? 0)).toBeCloseTo(0.5, 10);
  });
});

describe("complex transform", () => {
  test.each([1, 2, 3, 7, 64, 100, 257])("of size %i is undone by itself with exchanged parts", (n) => {
    const fft = makeComplexFft(n);
    const re = Float64Array.from(noise(n, 1));
    const im = Float64Array.from(noise(n, 2));
    const [a, b] = [re.slice(), im.slice()];
    fft.transform(a, b);
    fft.transform(b, a);
    a.forEach((v, i) => {
      expect(v / n).toBeCloseTo(re[i] ?? 9, 12);
      expect((b[i] ?? 9) / n).toBeCloseTo(im[i] ?? 9, 12);
    });
  });

  test.each([0, -4, 2.5])("size %d is a bug", (n) => {
    expect(() => makeComplexFft(n)).toThrow(RangeError);
  });
});
