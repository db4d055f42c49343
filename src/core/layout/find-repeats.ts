/** The same sequence, several times in a row. */
export interface Repeat {
  readonly start: number;
  /** Length of one turn. */
  readonly period: number;
  readonly count: number;
}

const LONGEST_PERIOD = 200;
/** Shorter turns are no blocks worth a box. */
const SHORTEST_PERIOD = 3;
/** Portion of the sequence that repeats must cover to be believed. */
const LEAST_COVERED = 0.3;
/** A shorter period that covers nearly as much is the truer one: its multiples repeat as well. */
const NEARLY = 0.95;

/**
 * Repeats of the one period that covers the sequence best, in order and disjoint; none if nothing repeats much. Linear in the
 * length of the sequence.
 */
export function findRepeats(tokens: readonly string[]): readonly Repeat[] {
  const codes = new Map<string, number>();
  const sequence = Int32Array.from(tokens, (token) => {
    const known = codes.get(token) ?? codes.size;
    codes.set(token, known);
    return known;
  });
  let best: { readonly runs: readonly Repeat[]; readonly covered: number } = { runs: [], covered: 0 };
  for (let period = SHORTEST_PERIOD; period <= Math.min(LONGEST_PERIOD, sequence.length / 2); period++) {
    const runs = runsOf(sequence, period);
    const covered = runs.reduce((n, r) => n + r.count * period, 0);
    if (covered * NEARLY > best.covered) best = { runs, covered };
  }
  return best.covered >= LEAST_COVERED * tokens.length ? best.runs : [];
}

function runsOf(sequence: Int32Array, period: number): readonly Repeat[] {
  const runs: Repeat[] = [];
  let start = 0;
  for (let i = 0; i + period <= sequence.length; i++) {
    if (i + period < sequence.length && sequence[i] === sequence[i + period]) continue;
    // start … i matched: that many more than one turn.
    const count = Math.floor((i - start) / period) + 1;
    if (count > 1 && variety(sequence, start, period) > 1) runs.push({ start, period, count });
    start = i + 1;
    if (count > 1) {
      const end = (runs.at(-1)?.start ?? 0) + count * period;
      if (runs.at(-1)?.period === period) start = Math.max(start, end);
      i = Math.max(i, start - 1);
    }
  }
  return runs;
}

/** Different tokens in one turn: a row of equal operators is no block. */
function variety(sequence: Int32Array, start: number, period: number): number {
  return new Set(sequence.subarray(start, start + period)).size;
}
