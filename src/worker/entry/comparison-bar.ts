import type { Plan } from "../../core/plan/plan.ts";
import { targetById } from "../../core/targets/catalogue.ts";
import { PartsBar } from "../../engine/parts-bar.ts";
import type { Job } from "../../engine/ports.ts";
import type { CompareProgress } from "../../engine/reports.ts";
import type { StageProgress } from "../protocol.ts";

/** Stages in their order, each with what it takes beside the others. */
export type StageWeights = readonly (readonly [StageProgress["stage"], number])[];

/** One bar for a comparison and for what is made of it. */
export interface ComparisonBar {
  /** Where the comparison reports. */
  readonly comparison: Job<CompareProgress>;
  /** Where what follows it reports: `portion` of its stage, or `done` of `total`. */
  readonly rest: Job<StageProgress>;
}

/** What stages take beside each other, measured on a small model with a few short clips: an estimate. */
const WEIGHT = { parity: 1, quantization: 1, integerParity: 3, search: { fixed: 4, budget: 12 } } as const;

/** Stages of a comparison under a plan, in order. */
function stagesOf({
  target,
  compatible,
  budget,
}: Pick<Plan, "target" | "compatible" | "budget">): StageWeights {
  const parity = ["parity", WEIGHT.parity] as const;
  const quantization = ["quantization", WEIGHT.quantization] as const;
  if (targetById(target).exporter !== "espdl") return [parity, quantization];
  const search = ["search", WEIGHT.search[budget ? "budget" : "fixed"]] as const;
  return [parity, compatible ? quantization : search, ["integerParity", WEIGHT.integerParity]];
}

/**
 * The progress of a comparison in the worker's terms, and of the stages that follow it, as one bar over all of them.
 * `compared`: the answer of the comparison is there already, so that only the rest takes time.
 */
export function comparisonBar(
  plan: Pick<Plan, "target" | "compatible" | "budget">,
  job: Job<StageProgress>,
  more: { readonly rest?: StageWeights; readonly compared?: boolean } = {},
): ComparisonBar {
  const { rest = [], compared = false } = more;
  let now: StageProgress | undefined;
  const bar = new PartsBar([...(compared ? [] : stagesOf(plan)), ...rest], (_, portion) => {
    if (now) job.report({ ...now, portion });
  });
  const barJob = <Progress>(report: (progress: Progress) => void): Job<Progress> => ({
    now: () => job.now(),
    checkpoint: () => job.checkpoint(),
    report,
  });
  return {
    comparison: barJob((progress) => {
      const { stage } = progress;
      if (stage === "search") {
        now = { stage, done: 0, total: 0, part: progress.part };
        bar.reach(stage, progress.portion);
      } else {
        const { clip, clipCount, file } = progress;
        now = { stage, done: clip, total: clipCount, what: file };
        // A clip is told when it begins.
        bar.reach(stage, (clip - 1) / clipCount);
      }
    }),
    rest: barJob((progress) => {
      now = progress;
      bar.reach(
        progress.stage,
        progress.portion ?? (progress.total > 0 ? progress.done / progress.total : 0),
      );
    }),
  };
}
