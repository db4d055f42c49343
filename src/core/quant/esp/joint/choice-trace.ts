import type { ValueName } from "../../../ir/graph.ts";
import type { WidthBudget } from "../width-budget.ts";

/** How a chip's exponents and widths came about, to be shown. Every SQNR is over all outputs, on the samples searched with. */
export interface ChipChoices {
  readonly exponents: ExponentTrace;
  /** After that; absent where no bias was corrected. */
  readonly biases?: BiasTrace;
  /** Present if the plan has a budget. */
  readonly widths?: WidthTrace;
}

/** A change of an exponent that the search kept. */
export interface ExponentStep {
  /** What moved: the values of a group, or a constant. */
  readonly values: readonly ValueName[];
  readonly from: number;
  readonly to: number;
  readonly beforeDb: number;
  readonly afterDb: number;
}

export interface ExponentTrace {
  /** Where the search could have started. */
  readonly seeds: readonly { readonly name: string; readonly sqnrDb: number }[];
  readonly steps: readonly ExponentStep[];
  readonly sqnrDb: number;
  readonly trials: number;
  /** False if the work was used up before no single change helped. */
  readonly converged: boolean;
}

/** A bias that was corrected, by the value whose bias it is. */
export interface BiasStep {
  readonly value: ValueName;
  readonly beforeDb: number;
  readonly afterDb: number;
}

export interface BiasTrace {
  /** In running order. */
  readonly steps: readonly BiasStep[];
  /** Biases that could have been. */
  readonly tried: number;
  readonly sqnrDb: number;
}

/** What a choice of widths takes on the chip. */
export interface ChipCost {
  /** Parameters in flash, caches and activations in RAM. */
  readonly bytes: number;
  /** Estimated cycles of one run, or of one round of a model that streams. */
  readonly cycles: number;
}

/** Nodes that became 16 bits wide together, and what that gained and cost. */
export interface WidthStep {
  readonly nodes: readonly { readonly node: string; readonly op: string }[];
  readonly why: WidthReason;
  /** What `why` speaks of: a value, or the first node of what is widened. */
  readonly about: string;
  readonly beforeDb: number;
  readonly afterDb: number;
  readonly before: ChipCost;
  readonly after: ChipCost;
}

/** What was lost at 8 bits. */
export type WidthReason =
  | "node" // in one operator: its weights, its rounding
  | "value" // in one value: what makes it and what reads it
  | "rest"; // from one node on to the outputs

/** Why the search took no further step. */
export type WidthStop =
  | "budget" // what would still gain costs more than is left
  | "gain" // nothing that is left gains enough
  | "work" // the work of the search was used up
  | "all"; // everything that can be is 16 bits wide

export interface WidthTrace {
  readonly budget: WidthBudget;
  /** Without a step, at the exponents found for it. */
  readonly base: { readonly sqnrDb: number; readonly cost: ChipCost };
  /** In the order in which they were taken. */
  readonly steps: readonly WidthStep[];
  /** Behind all steps, at the exponents found for that. */
  readonly sqnrDb: number;
  readonly cost: ChipCost;
  readonly trials: number;
  readonly stopped: WidthStop;
}
