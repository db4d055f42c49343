/**
 * What calibration remembers of one value: bounded in size, mergeable, enough for every method and target.
 *
 * The histogram has BIN_COUNT bins of width 2^widthLog2 centred on zero: bin i counts x with
 * floor(x / width) = i − BIN_COUNT/2. The width is the smallest power of two whose bins cover all data seen;
 * growing merges neighbouring pairs, so merge(a, b) equals the histogram of a ++ b, bin for bin.
 */
export interface Statistic {
  readonly count: number;
  /** +Infinity / −Infinity while empty. */
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly sumSquares: number;
  readonly nonFinite: number;
  readonly widthLog2: number;
  /** BIN_COUNT counts. */
  readonly bins: Float64Array;
}

export const BIN_COUNT = 4096;

/** Value name → statistic; crosses the thread boundary and is stored as it is. */
export type Statistics = ReadonlyMap<string, Statistic>;
