import type { ProbedFact } from "../base/problem.ts";
import type { ValueName } from "../ir/graph.ts";

/*
 * The proof of a streaming model: one verdict per check. Plain data that is written to `parity.json`, crosses the thread
 * boundary and is shown by a panel; equal models and plans give equal bytes.
 */

/** In the order in which they are told. */
export const CHECK_IDS = [
  "structural",
  "chunks",
  "lengths",
  "poison",
  "caches",
  "replay",
  "claims",
  "runtime",
  "integers",
] as const;

export type CheckId = (typeof CHECK_IDS)[number];

/** failed: a counterexample was found. notApplicable: there is nothing to check. skipped: it could not be checked. */
export type CheckStatus = "passed" | "failed" | "notApplicable" | "skipped";

/** Where a check failed first: in graph order, then in time. */
export interface Divergence {
  readonly value: ValueName;
  /** nodeKey() of the node that makes the value; absent for an input. */
  readonly node?: string;
  readonly op?: string;
  /** Frame of the offline value (step, for what exists once per step). */
  readonly frame: number;
  /** What both sides have there; absent where only the frame is known. */
  readonly offline?: number;
  readonly streaming?: number;
}

/** Why a check was not run, or what failed. */
export type CheckReason =
  /** The reference interpreter lacks an operator. */
  | { readonly code: "notCovered"; readonly op: string; readonly node: string }
  /** More multiply-accumulates or memory than a proof may take: so many input frames are affordable. */
  | { readonly code: "tooLarge"; readonly frames: number; readonly needFrames: number }
  /** The first frames differ by the user's choice. */
  | { readonly code: "startIgnored" }
  /** An approximation was accepted: its error is measured, not proved. */
  | { readonly code: "approximate" }
  /** The model takes one length only. */
  | { readonly code: "fixedLength" }
  /** Inputs run at paces of their own: a clip's length is not one number. */
  | { readonly code: "severalPaces" }
  /** Equal to the normalised graph; the opened file itself was not run. */
  | { readonly code: "originalNotRun"; readonly why: NotRun }
  /** Differences behind a rounding tie are put down to it by value, not by frame. */
  | { readonly code: "tiesByValue" }
  /** A clip of so many input frames came out wrong, or not to its end. */
  | { readonly code: "atLength"; readonly frames: number }
  /** A cache holds other frames than it is said to hold. */
  | { readonly code: "cacheHolds"; readonly cache: ValueName }
  /** A measurement contradicts what the rules derived. */
  | {
      readonly code: "probeDisagrees";
      readonly value: ValueName;
      readonly node: string;
      readonly fact: ProbedFact;
      readonly derived: string;
      readonly measured: string;
    }
  /** Modules for another chunk differ from offline. */
  | { readonly code: "atChunk"; readonly chunk: number }
  /** Running the same again, from a reset, beside another stream or from a saved state, gave something else. */
  | { readonly code: "notRepeated"; readonly how: Repetition; readonly step: number };

/**
 * Why the opened file was not run: the runtime takes it neither at any length nor at its own; its own length is no multiple
 * of the chunk; every clip is shorter than that.
 */
export type NotRun = "refused" | "uneven" | "clipShorter";

export type Repetition = "reset" | "interleaved" | "restored";

/** What a number of the evidence counts. */
export type EvidenceName =
  | "inputFrames"
  | "wantedFrames"
  | "values"
  | "frames"
  | "elements"
  | "chunkSizes"
  | "steps"
  | "outputs"
  | "lengths"
  | "poisonedFrames"
  | "poisonedCaches"
  | "perturbations"
  | "confirmed"
  | "probed"
  | "clips"
  | "maxRelative"
  | "tolerance"
  | "different"
  | "caches";

export interface CheckVerdict {
  readonly check: CheckId;
  readonly status: CheckStatus;
  readonly evidence: Readonly<Partial<Record<EvidenceName, number>>>;
  readonly reason?: CheckReason;
  readonly first?: Divergence;
}

export interface ProofReport {
  /** failed if any check failed; incomplete if none failed and one was skipped. */
  readonly verdict: "passed" | "failed" | "incomplete" | "approximate";
  readonly checks: readonly CheckVerdict[];
}
