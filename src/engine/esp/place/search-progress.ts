import { PartsBar } from "../../parts-bar.ts";
import type { Job } from "../../ports.ts";

/** What a search does, in this order: widths, and exponents for them, only under a budget. */
export type SearchPart = "float" | "exponents" | "widths" | "refine" | "biases";

export interface SearchProgress {
  readonly part: SearchPart;
  /** Of the whole search, estimated: nobody knows when nothing will gain any more. Never falls; 1 at the end. */
  readonly portion: number;
}

/** Work on widths beside that on exponents: every trial computes what lies behind a node again. */
export const WIDTH_WORK = 4;

/** Beside the most work that the others may do: the runtime is quick, but has to open the model several times. */
const FLOAT_WEIGHT = 0.5;

const BY_ERROR: readonly (readonly [SearchPart, number])[] = [
  ["float", FLOAT_WEIGHT],
  ["exponents", 1],
  ["biases", 1],
];
const WITHIN_BUDGET: readonly (readonly [SearchPart, number])[] = [
  ["float", FLOAT_WEIGHT],
  ["exponents", 1],
  ["widths", WIDTH_WORK],
  ["refine", 1],
  ["biases", 1],
];

/** One bar over a whole search: parts weigh as much as the work that each may do at most. */
export function searchBar(
  widths: "fixed" | "budget",
  job: Pick<Job<SearchProgress>, "report">,
): PartsBar<SearchPart> {
  const weights = widths === "budget" ? WITHIN_BUDGET : BY_ERROR;
  return new PartsBar(weights, (part, portion) => job.report({ part, portion }));
}
