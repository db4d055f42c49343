import { fail } from "../core/base/problem.ts";
import type { Plan } from "../core/plan/plan.ts";
import { analyse } from "./analyse.ts";
import { type ClipSource, openClips } from "./clips.ts";
import { freezeStatistics, unmeasuredNodes } from "./freeze-statistics.ts";
import type { OpenedModel } from "./open-model.ts";
import type { Job, Runtime } from "./ports.ts";

/**
 * The plan with every frozen statistic measured on these clips; the plan itself if there is none to measure. Throws
 * `plan.unmeasured` without clips.
 */
export async function measuredPlan(
  opened: OpenedModel,
  plan: Plan,
  sources: readonly ClipSource[],
  runtime: Runtime,
  job: Job<unknown>,
): Promise<Plan> {
  const [node] = unmeasuredNodes(plan.approximations);
  if (node === undefined) return plan;
  if (sources.length === 0) fail({ code: "plan.unmeasured", node });
  const { axes, approximations, rates } = plan;
  const { stream } = analyse(opened, axes, approximations, rates);
  const clips = await openClips(sources, stream, plan);
  return {
    ...plan,
    approximations: await freezeStatistics(opened, axes, approximations, clips, runtime, job),
  };
}
