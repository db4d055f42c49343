/**
 * How surely an error became smaller: the mean of the paired differences part by part, in standard errors of that mean (Student's t
 * of paired samples). Parts are stretches of the data that were measured under both choices. Infinity where every part gained
 * alike, and where the error was not finite before; 0 where a single part is all that there is.
 */
export function evidenceOf(before: readonly number[], after: readonly number[]): number {
  const count = Math.min(before.length, after.length);
  let [sum, squares] = [0, 0];
  for (let i = 0; i < count; i++) {
    const [b, a] = [before[i] ?? 0, after[i] ?? 0];
    if (!Number.isFinite(b)) return Number.isFinite(a) ? Number.POSITIVE_INFINITY : 0;
    sum += b - a;
    squares += (b - a) ** 2;
  }
  if (count < 2 || !Number.isFinite(sum)) return 0;
  const mean = sum / count;
  const variance = Math.max(0, squares / count - mean * mean) / (count - 1);
  if (variance > 0) return mean / Math.sqrt(variance);
  return mean > 0 ? Number.POSITIVE_INFINITY : 0;
}
