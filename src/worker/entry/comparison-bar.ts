import type { Plan } from "../../core/plan/plan.ts";
import { targetById } from "../../core/targets/catalogue.ts";
import { PartsBar } from "../../engine/parts-bar.ts";
import type { Job } from "../../engine/ports.ts";
import type { CompareProgress } from "../../engine/reports.ts";
import type { StageProgress } from "../protocol.ts";

type Weights = readonly (readonly [CompareProgress["stage"], number])[];

/** What stages take beside each other, measured on a small model with a few short clips: an estimate. */
const WEIGHT = { parity: 1, quantization: 1, integerParity: 3, search: { fixed: 4, budget: 12 } } as const;

/** Stages of a comparison under a plan, in order. */
function stagesOf({ target, compatible, budget }: Pick<Plan, "target" | "compatible" | "budget">): Weights {
  const parity = ["parity", WEIGHT.parity] as const;
  const quantization = ["quantization", WEIGHT.quantization] as const;
  if (targetById(target).exporter !== "espdl") return [parity, quantization];
  const search = ["search", WEIGHT.search[budget ? "budget" : "fixed"]] as const;
  return [parity, compatible ? quantization : search, ["integerParity", WEIGHT.integerParity]];
}

/** The comparison's progress in the worker's terms, as one bar over all its stages. */
export function comparisonBar(
  plan: Pick<Plan, "target" | "compatible" | "budget">,
  job: Job<StageProgress>,
): Job<CompareProgress> {
  let now: CompareProgress | undefined;
  const bar = new PartsBar(stagesOf(plan), (stage, portion) => {
    if (now?.stage === "search") job.report({ stage, done: 0, total: 0, part: now.part, portion });
    else if (now) job.report({ stage, done: now.clip, total: now.clipCount, what: now.file, portion });
  });
  return {
    now: () => job.now(),
    checkpoint: () => job.checkpoint(),
    report: (progress) => {
      now = progress;
      // A clip is told when it begins.
      const portion =
        progress.stage === "search" ? progress.portion : (progress.clip - 1) / progress.clipCount;
      bar.reach(progress.stage, portion);
    },
  };
}
