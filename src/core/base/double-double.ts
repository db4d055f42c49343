/** An unevaluated sum hi + lo with |lo| ≤ half an ulp of hi: about 106 significant bits. */
export interface DoubleDouble {
  readonly hi: number;
  readonly lo: number;
}

/** a + b without error. */
export function twoSum(a: number, b: number): DoubleDouble {
  const hi = a + b;
  const part = hi - a;
  return { hi, lo: a - (hi - part) + (b - part) };
}

/** Upper 26 bits of a; a must stay below 2^996. */
function upperHalf(a: number): number {
  const c = 134217729 * a; // 2^27 + 1
  return c - (c - a);
}

/** a · b without error, for products in the normal range (JavaScript has no fused multiply-add). */
export function twoProduct(a: number, b: number): DoubleDouble {
  const hi = a * b;
  const aUpper = upperHalf(a);
  const bUpper = upperHalf(b);
  const aLower = a - aUpper;
  const bLower = b - bUpper;
  return { hi, lo: aLower * bLower - (hi - aUpper * bUpper - aLower * bUpper - aUpper * bLower) };
}

/** x · y to about 104 bits. */
export function multiply(x: DoubleDouble, y: DoubleDouble): DoubleDouble {
  const p = twoProduct(x.hi, y.hi);
  return twoSum(p.hi, p.lo + (x.hi * y.lo + x.lo * y.hi));
}

/** x + y to about 104 bits. */
export function add(x: DoubleDouble, y: DoubleDouble): DoubleDouble {
  const s = twoSum(x.hi, y.hi);
  return twoSum(s.hi, s.lo + (x.lo + y.lo));
}
