/*
 * Arithmetic in which equal structure gives equal bits. Contractions (convolutions, products, sums) read whole numbers and
 * answer with their residue modulo a prime, so that no sum is ever rounded, however long it is and in whatever order it is
 * added up. What works element by element keeps its meaning; functions without an exact value (exp, tanh, …) have a
 * polynomial stand in for them: any function of one frame alone commutes with cutting a stream into chunks.
 */

/** Prime below 2¹²: a product of two residues times 2²⁹ terms is exact in a double, and −10⁴ in a mask stands apart. */
export const MODULUS = 4093;

const HALF = (MODULUS - 1) / 2;

/** The residue of a whole number in [−2046, 2046]; NaN stays NaN. */
export function residue(x: number): number {
  if (x >= -HALF && x <= HALF) return x;
  const r = x % MODULUS;
  return r > HALF ? r - MODULUS : r < -HALF ? r + MODULUS : r;
}

/** What a contraction reads of a number: the residue of the nearest whole one. */
export function whole(x: number): number {
  return residue(Math.floor(x + 0.5));
}

/** a + b; of two residues their residue again, so that a sum may be made in parts. Masks and fractions stay as they are. */
export function sumOf(a: number, b: number): number {
  const sum = a + b;
  const residues = Math.abs(a) <= HALF && Math.abs(b) <= HALF && Number.isInteger(sum);
  return residues ? residue(sum) : sum;
}

/** A score at or below this is masked out: a softmax gives it no weight. Masks add −10⁴ or less to a residue. */
export const MASKED = -5000;

/** A function that stands for one without an exact value: a polynomial over residues, another for every name. */
export function standIn(op: string, zeroAtZero: boolean): (x: number) => number {
  let seed = 7;
  for (let i = 0; i < op.length; i++) seed = (seed * 31 + op.charCodeAt(i)) % MODULUS;
  const square = 1 + (seed % 5);
  const slope = 2 + (seed % 7);
  const offset = zeroAtZero ? 0 : 1 + (seed % 11);
  return (x) => {
    const w = whole(x);
    return residue(w * w * square + w * slope + offset);
  };
}
