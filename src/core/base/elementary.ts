/*
 * Elementary functions from exactly rounded operations only (+ − × ÷), so that every engine gives the same bits.
 */

const LN2 = 0.6931471805599453;
const LN10 = 2.302585092994046;
const view = new DataView(new ArrayBuffer(8));

/** Natural logarithm; −Infinity at 0, NaN below. Relative error below 1e-15. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  if (x < 2 ** -1022) return log(x * 2 ** 54) - 54 * LN2;
  view.setFloat64(0, x);
  const high = view.getUint32(0);
  let exponent = (high >>> 20) - 1023;
  view.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  let m = view.getFloat64(0);
  if (m > Math.SQRT2) {
    m /= 2;
    exponent++;
  }
  // log m = 2·artanh(s); |s| < 0.172, so eleven terms reach 1e-17.
  const s = (m - 1) / (m + 1);
  const s2 = s * s;
  let series = 0;
  for (let k = 21; k >= 1; k -= 2) series = series * s2 + 1 / k;
  return exponent * LN2 + 2 * s * series;
}

/** Decimal logarithm. */
export function log10(x: number): number {
  return log(x) / LN10;
}
