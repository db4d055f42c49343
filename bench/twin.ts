import { doubleProducts, rowProducts } from "../src/core/program/kernels/row-products.ts";
import { type Bench, cpuSeconds } from "./bench.ts";

const ROWS = 512;
const FILTERS = 64;
const DEPTH = 192;
const RUNS = 7;
const GOAL_RATIO = 1.5;

/** Integers in the range of int8 from a small congruential generator. */
function int8(length: number, seed: number): Int8Array {
  let state = seed;
  return Int8Array.from({ length }, () => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor(state / 65536) % 128;
  });
}

/** The products of a convolution of 64 channels and 3 taps, once as the twin sums them and once one sum after the other in doubles. */
export const twin: Bench = {
  name: `Device twin: ${ROWS} places of a convolution of 64 × 64 channels, 3 taps`,
  async run() {
    const shape = { rowCount: ROWS, filterCount: FILTERS, depth: DEPTH };
    const input = { rows: int8(ROWS * DEPTH, 1), weights: int8(FILTERS * DEPTH, 2), ...shape };
    const wide = { rows: Float64Array.from(input.rows), weights: Float64Array.from(input.weights), ...shape };
    const million = (ROWS * FILTERS * DEPTH) / 1e6;
    rowProducts(input);
    doubleProducts(wide);
    const fast = million / cpuSeconds(RUNS, () => rowProducts(input));
    const plain = million / cpuSeconds(RUNS, () => doubleProducts(wide));
    const ratio = fast / plain;
    return [
      { what: "int8 in blocks, MMAC per CPU second", value: fast.toFixed(0) },
      { what: "doubles one by one, MMAC per CPU second", value: plain.toFixed(0) },
      {
        what: "blocks / one by one",
        value: `${ratio.toFixed(1)} ×`,
        goal: { text: `≥ ${GOAL_RATIO} ×`, met: ratio >= GOAL_RATIO },
      },
    ];
  },
};
