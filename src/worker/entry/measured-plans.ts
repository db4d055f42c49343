import type { Plan } from "../../core/plan/plan.ts";
import type { ClipSource } from "../../engine/clips.ts";
import { unmeasuredNodes } from "../../engine/freeze-statistics.ts";
import { measuredPlan } from "../../engine/measured-plan.ts";
import type { OpenedModel } from "../../engine/open-model.ts";
import type { Job, Runtime } from "../../engine/ports.ts";

/**
 * Plans whose frozen statistics were measured: the document keeps the choice, the worker the numbers, and the package carries a plan
 * with both, so that it replays without measuring.
 */
export class MeasuredPlans {
  private key: string | undefined;
  private approximations: Plan["approximations"] = {};

  /** The plan with numbers; measured once per choice and clips. Throws `plan.unmeasured` without clips. */
  async get(
    opened: OpenedModel,
    plan: Plan,
    clips: readonly ClipSource[],
    runtime: Runtime,
    job: Job<never>,
  ): Promise<Plan> {
    if (unmeasuredNodes(plan.approximations).length === 0) return plan;
    const key = keyOf(
      plan,
      clips.map((c) => c.file),
    );
    if (this.key !== key) {
      const measured = await measuredPlan(opened, plan, clips, runtime, job);
      this.key = key;
      this.approximations = measured.approximations;
    }
    return { ...plan, approximations: this.approximations };
  }

  /** The plan with the numbers that were measured last for its choices, if they were. */
  known(plan: Plan): Plan {
    const measured = this.key?.startsWith(keyOf(plan, [])) === true;
    return measured ? { ...plan, approximations: this.approximations } : plan;
  }
}

function keyOf({ model, axes, features, approximations }: Plan, files: readonly string[]): string {
  return `${JSON.stringify([model.sha256, axes, features, approximations])} ${files.join("\n")}`;
}
