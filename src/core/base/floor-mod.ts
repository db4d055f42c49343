/** Euclidean remainder: 0 ≤ floorMod(a, n) < n for n > 0. */
export function floorMod(a: number, n: number): number {
  return ((a % n) + n) % n;
}
