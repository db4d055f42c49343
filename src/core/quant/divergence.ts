import { log } from "../base/elementary.ts";

/**
 * KL(P‖Q) of clipping a histogram to bins [from, to) and quantizing it to `levels` levels:
 * P is the window with the clipped tails added to its end bins; Q merges the *unclipped* window into levels
 * (level g takes bins ⌊g·n/levels⌋ … ⌊(g+1)·n/levels⌋ of the n in the window) and spreads each level's mass evenly
 * over its bins where P is not empty. Infinity if Q misses mass of P. O(levels) per window thanks to prefix sums.
 */
export type Divergence = (from: number, to: number) => number;

export function divergenceOf(bins: Float64Array, levels: number): Divergence {
  const n = bins.length;
  // Prefix sums: mass, number of non-empty bins, Σ h·log h.
  const mass = new Float64Array(n + 1);
  const filled = new Float64Array(n + 1);
  const massLog = new Float64Array(n + 1);
  for (let i = 0; i < n; i++) {
    const h = bins[i] ?? 0;
    mass[i + 1] = (mass[i] ?? 0) + h;
    filled[i + 1] = (filled[i] ?? 0) + (h > 0 ? 1 : 0);
    massLog[i + 1] = (massLog[i] ?? 0) + timesLog(h);
  }
  const total = mass[n] ?? 0;
  const between = (prefix: Float64Array, from: number, to: number) => (prefix[to] ?? 0) - (prefix[from] ?? 0);

  return (from, to) => {
    const inside = between(mass, from, to);
    if (inside === 0) return total === 0 ? 0 : Number.POSITIVE_INFINITY;
    const [left, right] = [mass[from] ?? 0, total - (mass[to] ?? 0)];
    const [first, last] = [bins[from] ?? 0, bins[to - 1] ?? 0];
    const ends =
      to - from === 1
        ? timesLog(total) - timesLog(first)
        : timesLog(first + left) - timesLog(first) + timesLog(last + right) - timesLog(last);
    let sum = between(massLog, from, to) + ends;

    const groups = Math.min(levels, to - from);
    let start = from;
    for (let g = 1; g <= groups; g++) {
      const end = from + Math.floor((g * (to - from)) / groups);
      const q = between(mass, start, end);
      const p = q + (g === 1 ? left : 0) + (g === groups ? right : 0);
      if (p > 0) {
        if (q === 0) return Number.POSITIVE_INFINITY;
        let spread = between(filled, start, end);
        if (g === 1 && first === 0 && left > 0) spread++;
        if (g === groups && last === 0 && right > 0 && !(to - from === 1 && left > 0)) spread++;
        sum -= p * log(q / spread);
      }
      start = end;
    }
    return sum / total - log(total / inside);
  };
}

function timesLog(x: number): number {
  return x > 0 ? x * log(x) : 0;
}
