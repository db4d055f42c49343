import { fail } from "../core/base/problem.ts";
import type { Plan } from "../core/plan/plan.ts";
import { analyse } from "../engine/analyse.ts";
import { openClips } from "../engine/clips.ts";
import { freezeStatistics, unmeasuredNodes } from "../engine/freeze-statistics.ts";
import type { OpenedModel } from "../engine/open-model.ts";
import { type Runtime, SILENT_JOB } from "../engine/ports.ts";
import { dataFiles } from "./data-files.ts";

/** The plan with every `NODE=frozen` measured on the data of the command line. Throws `plan.unmeasured` without data. */
export async function measuredPlan(
  plan: Plan,
  opened: OpenedModel,
  data: readonly string[],
  runtime: Runtime,
): Promise<Plan> {
  const [node] = unmeasuredNodes(plan.approximations);
  if (node === undefined) return plan;
  if (data.length === 0) fail({ code: "plan.unmeasured", node });
  const { stream } = analyse(opened, plan.axes, plan.approximations, plan.rates);
  const clips = await openClips(dataFiles(data), stream, plan);
  const { axes, approximations } = plan;
  return {
    ...plan,
    approximations: await freezeStatistics(opened, axes, approximations, clips, runtime, SILENT_JOB),
  };
}
