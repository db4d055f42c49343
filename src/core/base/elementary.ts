/*
 * Elementary functions from exactly rounded operations only (+ − × ÷ and bits), so that every engine gives the same bits:
 * ECMAScript leaves the last bits of Math.exp, Math.sin and their kin to the engine.
 * Each is within 1 ulp of the true value, 2 ulp for pow; special values follow Math.*.
 */
import { add, type DoubleDouble, multiply, twoProduct, twoSum } from "./double-double.ts";
import { reduceToQuadrant } from "./reduce-angle.ts";

/** ln 2 = LN2_HIGH + LN2_LOW; LN2_HIGH has 42 bits, so its product with an exponent is exact. */
const LN2_HIGH = 0.6931471805598903;
const LN2_LOW = 5.497923018708371e-14;
// Math.LOG2E and the like are constants, not computations: the same in every engine.
const INVERSE_LN2: DoubleDouble = { hi: Math.LOG2E, lo: 2.0355273740931033e-17 };
const INVERSE_LN10: DoubleDouble = { hi: Math.LOG10E, lo: 1.098319650216765e-17 };
/** log10 2 in the same two parts as ln 2. */
const LOG10_2_HIGH = 0.30102999566395283;
const LOG10_2_LOW = 2.8363394551044964e-14;
const THIRD: DoubleDouble = { hi: 0.3333333333333333, lo: 1.850371707708594e-17 };
const { SQRT2 } = Math;

const view = new DataView(new ArrayBuffer(8));

/** x = mantissa · 2^exponent, mantissa in (√½, √2]; x positive and finite. */
function splitExponent(x: number): { mantissa: number; exponent: number } {
  let exponent = -1023;
  let scaled = x;
  if (x < 2 ** -1022) {
    scaled = x * 2 ** 54;
    exponent -= 54;
  }
  view.setFloat64(0, scaled);
  const high = view.getUint32(0);
  exponent += high >>> 20;
  view.setUint32(0, (high & 0xfffff) | 0x3ff00000);
  const mantissa = view.getFloat64(0);
  return mantissa > SQRT2 ? { mantissa: mantissa / 2, exponent: exponent + 1 } : { mantissa, exponent };
}

/** 2^k for −1022 ≤ k ≤ 1023. */
function powerOfTwo(k: number): number {
  view.setUint32(0, (k + 1023) << 20);
  view.setUint32(4, 0);
  return view.getFloat64(0);
}

function scaleByPowerOfTwo(x: number, k: number): number {
  if (k > 1023) return x * 2 ** 1023 * powerOfTwo(Math.min(k - 1023, 1023));
  // One rounding only: the first factor keeps the number normal.
  if (k < -1021) return x * powerOfTwo(Math.max(k + 969, -1022)) * 2 ** -969;
  return x * powerOfTwo(k);
}

/** Taylor coefficients 1/2!, 1/3! … 1/14! of exp; the next term is below 2^-61 for |r| ≤ ln2/2. */
const EXP_SERIES = (() => {
  const c: number[] = [];
  let factorial = 1;
  for (let n = 2; n <= 14; n++) {
    factorial *= n;
    c.push(1 / factorial);
  }
  return c.reverse();
})();

/** exp(hi + lo). */
function expOf({ hi, lo }: DoubleDouble): number {
  if (hi > 709.79) return Number.POSITIVE_INFINITY;
  if (hi < -745.14) return 0;
  const k = Math.floor(hi * INVERSE_LN2.hi + 0.5);
  const rHigh = hi - k * LN2_HIGH;
  const rLow = lo - k * LN2_LOW;
  const r = rHigh + rLow;
  const rest = rHigh - r + rLow;
  let series = 0;
  for (const c of EXP_SERIES) series = series * r + c;
  return scaleByPowerOfTwo(1 + (r + (r * r * series + (rest + rest * r))), k);
}

/** e^x. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  return expOf({ hi: x, lo: 0 });
}

/** 2/23, 2/21 … 2/3: log(1+f) = 2·artanh(s) with s = f/(2+f), |s| < 0.172; the next term is below 2^-61. */
const LOG_SERIES = Array.from({ length: 11 }, (_, i) => 2 / (23 - 2 * i));

/** Natural logarithm; −Infinity at 0, NaN below. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  const { mantissa, exponent } = splitExponent(x);
  const f = mantissa - 1;
  const s = f / (2 + f);
  const s2 = s * s;
  let series = 0;
  for (const c of LOG_SERIES) series = series * s2 + c;
  series *= s2;
  // log(1+f) = f − (f²/2 − s·(f²/2 + series)): the large part, f, enters without error.
  const half = (f * f) / 2;
  return exponent * LN2_HIGH - (half - (s * (half + series) + exponent * LN2_LOW) - f);
}

/** ln of a mantissa in (√½, √2] to about 65 bits. */
function preciseLog(mantissa: number): DoubleDouble {
  const f = mantissa - 1;
  if (f === 0) return { hi: 0, lo: 0 };
  const denominator = twoSum(mantissa, 1);
  const quotient = f / denominator.hi;
  const product = twoProduct(quotient, denominator.hi);
  const rest = (f - product.hi - product.lo - quotient * denominator.lo) / denominator.hi;
  const s = twoSum(quotient, rest);
  const s2 = multiply(s, s);
  let tail = 0;
  for (let k = 29; k >= 5; k -= 2) tail = tail * s2.hi + 1 / k;
  // 2·(s + s³·(1/3 + s²·tail))
  const inner = add(THIRD, twoProduct(s2.hi, tail));
  const cubic = multiply(multiply(s2, s), inner);
  const sum = add(s, cubic);
  return { hi: 2 * sum.hi, lo: 2 * sum.lo };
}

/** Binary logarithm; exact for powers of two. */
export function log2(x: number): number {
  if (!(x > 0) || x === Number.POSITIVE_INFINITY) return log(x);
  const { mantissa, exponent } = splitExponent(x);
  return add({ hi: exponent, lo: 0 }, multiply(preciseLog(mantissa), INVERSE_LN2)).hi;
}

/** Decimal logarithm; exact for powers of ten that are doubles. */
export function log10(x: number): number {
  if (!(x > 0) || x === Number.POSITIVE_INFINITY) return log(x);
  const { mantissa, exponent } = splitExponent(x);
  const whole = twoSum(exponent * LOG10_2_HIGH, exponent * LOG10_2_LOW);
  return add(whole, multiply(preciseLog(mantissa), INVERSE_LN10)).hi;
}

/** x^y with the special values of Math.pow. */
export function pow(x: number, y: number): number {
  if (y === 0) return 1;
  if (Number.isNaN(x) || Number.isNaN(y)) return Number.NaN;
  const magnitude = x < 0 ? -x : x;
  if (!Number.isFinite(y)) {
    if (magnitude === 1) return Number.NaN;
    return magnitude > 1 === y > 0 ? Number.POSITIVE_INFINITY : 0;
  }
  const odd = Number.isInteger(y) && Math.abs(y) < 2 ** 53 && Math.abs(y) % 2 === 1;
  const negative = odd && (x < 0 || Object.is(x, -0));
  if (magnitude === 0 || magnitude === Number.POSITIVE_INFINITY) {
    const result = (magnitude === 0) === y > 0 ? 0 : Number.POSITIVE_INFINITY;
    return negative ? -result : result;
  }
  if (x < 0 && !Number.isInteger(y)) return Number.NaN;
  const result = positivePower(magnitude, y);
  return negative ? -result : result;
}

function positivePower(x: number, y: number): number {
  const { mantissa, exponent } = splitExponent(x);
  const whole = twoSum(exponent * LN2_HIGH, exponent * LN2_LOW);
  const logarithm = add(whole, preciseLog(mantissa));
  const rough = logarithm.hi * y;
  if (rough > 710) return Number.POSITIVE_INFINITY;
  if (rough < -746) return 0;
  // Beyond this the splitting of twoProduct overflows; the logarithm is then so small that y's low bits cannot matter.
  if (Math.abs(y) > 2 ** 900) return expOf({ hi: rough, lo: 0 });
  return expOf(multiply(logarithm, { hi: y, lo: 0 }));
}

/** sin on |hi| ≤ π/4. */
function sinKernel({ hi, lo }: DoubleDouble): number {
  const z = hi * hi;
  let series = 0;
  for (let n = 17; n >= 3; n -= 2) series = series * z + (SIN_SERIES[(n - 3) >> 1] ?? 0);
  return hi + (hi * z * series + lo * (1 - z / 2));
}

/** cos on |hi| ≤ π/4. */
function cosKernel({ hi, lo }: DoubleDouble): number {
  const z = hi * hi;
  let series = 0;
  for (let n = 18; n >= 4; n -= 2) series = series * z + (COS_SERIES[(n - 4) >> 1] ?? 0);
  const half = z / 2;
  const w = 1 - half;
  return w + (1 - w - half + (z * z * series - hi * lo));
}

/** Every second Taylor coefficient ±1/n!, starting with n = first (whose sign is given). */
function alternating(first: number, sign: number, count: number): readonly number[] {
  let factorial = 1;
  for (let n = 2; n <= first; n++) factorial *= n;
  const c: number[] = [];
  for (let i = 0; i < count; i++) {
    c.push(sign / factorial);
    factorial *= (first + 2 * i + 1) * (first + 2 * i + 2);
    sign = -sign;
  }
  return c;
}

const SIN_SERIES = alternating(3, -1, 8);
const COS_SERIES = alternating(4, 1, 8);

/** Sine of x radians, for every finite x; NaN otherwise. */
export function sin(x: number): number {
  if (x === 0 || !Number.isFinite(x)) return x === 0 ? x : Number.NaN;
  const { quadrant, angle } = reduceToQuadrant(x);
  const value = quadrant % 2 === 0 ? sinKernel(angle) : cosKernel(angle);
  return quadrant >= 2 ? -value : value;
}

/** Cosine of x radians, for every finite x; NaN otherwise. */
export function cos(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  const { quadrant, angle } = reduceToQuadrant(x);
  const value = quadrant % 2 === 0 ? cosKernel(angle) : sinKernel(angle);
  return quadrant === 1 || quadrant === 2 ? -value : value;
}
