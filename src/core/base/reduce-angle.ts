import { type DoubleDouble, twoSum } from "./double-double.ts";

/** π/2 in four parts; the first three have 33 bits, so their products with |n| < 2^20 are exact. */
const PARTS = [
  1.5707963267341256, 6.077100506303966e-11, 2.0222662487111665e-21, 8.4784276603689e-32,
] as const;
const TWO_OVER_PI = 0.6366197723675814;

/** x radians = quadrant·π/2 + angle (modulo 2π), |angle| ≤ π/4 and a little; x finite. */
export function reduceToQuadrant(x: number): { quadrant: number; angle: DoubleDouble } {
  if (Math.abs(x) >= 2 ** 20) return reduceLarge(x);
  const n = Math.floor(x * TWO_OVER_PI + 0.5);
  if (n === 0) return { quadrant: 0, angle: { hi: x, lo: 0 } };
  const first = twoSum(x, -n * PARTS[0]);
  const second = twoSum(first.hi, -n * PARTS[1]);
  const third = twoSum(second.hi, -n * PARTS[2]);
  const rest = first.lo + second.lo + third.lo - n * PARTS[3];
  return { quadrant: ((n % 4) + 4) % 4, angle: twoSum(third.hi, rest) };
}

/** Fraction bits of the integers below: 1,024 for the largest double, the rest for the result. */
const SCALE = 1200n;
let halfPi: bigint | undefined;

/** arctan(1/k) · 2^SCALE. */
function arctanInverse(k: bigint): bigint {
  const guard = 16n;
  let power = (1n << (SCALE + guard)) / k;
  let sum = 0n;
  for (let n = 1n; power !== 0n; n += 2n) {
    sum += n % 4n === 1n ? power / n : -(power / n);
    power /= k * k;
  }
  return sum >> guard;
}

/** Exact reduction with integers, for arguments where π/2 in doubles runs out of bits. */
function reduceLarge(x: number): { quadrant: number; angle: DoubleDouble } {
  // Machin: π/4 = 4·arctan(1/5) − arctan(1/239).
  halfPi ??= 2n * (4n * arctanInverse(5n) - arctanInverse(239n));
  // |x| ≥ 2^20, so 2^32·|x| is a whole number.
  const magnitude = Math.abs(x);
  const scaled =
    magnitude < 2 ** 53 ? BigInt(magnitude * 2 ** 32) << (SCALE - 32n) : BigInt(magnitude) << SCALE;
  const n = (2n * scaled + halfPi) / (2n * halfPi);
  const rest = (scaled - n * halfPi) >> (SCALE - 160n);
  const hi = Number(rest);
  const lo = Number(rest - BigInt(hi));
  const sign = x < 0 ? -1 : 1;
  const quadrant = Number(n % 4n);
  return {
    quadrant: sign < 0 ? (4 - quadrant) % 4 : quadrant,
    angle: { hi: sign * hi * 2 ** -160, lo: sign * lo * 2 ** -160 },
  };
}
