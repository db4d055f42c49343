/** A reduced fraction with a positive denominator; rates of streams are rationals. */
export interface Rational {
  readonly num: number;
  readonly den: number;
}

export function gcd(a: number, b: number): number {
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y) [x, y] = [y, x % y];
  return x;
}

/** Least common multiple of two positive integers. */
export function lcm(a: number, b: number): number {
  return (a / gcd(a, b)) * b;
}

/** num/den in lowest terms. Throws RangeError if den is 0. */
export function rational(num: number, den = 1): Rational {
  if (den === 0) throw new RangeError("zero denominator");
  const g = gcd(num, den) || 1;
  const sign = den < 0 ? -1 : 1;
  return { num: (sign * num) / g, den: (sign * den) / g };
}

export const ONE: Rational = { num: 1, den: 1 };

export function times(a: Rational, b: Rational): Rational {
  return rational(a.num * b.num, a.den * b.den);
}

export function equal(a: Rational, b: Rational): boolean {
  return a.num === b.num && a.den === b.den;
}

/** r · count if that is an integer, else undefined. */
export function scaleExact(r: Rational, count: number): number | undefined {
  const n = (r.num * count) / r.den;
  return Number.isInteger(n) ? n : undefined;
}
