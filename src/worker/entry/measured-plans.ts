import type { Plan } from "../../core/plan/plan.ts";
import type { ClipSource } from "../../engine/clips.ts";
import { unmeasuredNodes } from "../../engine/freeze-statistics.ts";
import { measuredPlan } from "../../engine/measured-plan.ts";
import type { OpenedModel } from "../../engine/open-model.ts";
import type { Job, Runtime } from "../../engine/ports.ts";
import { digestHex } from "./digest.ts";
import { LastOfModel } from "./last-of-model.ts";

/**
 * Plans whose frozen statistics were measured: the document keeps the choice, the worker the numbers, and the package carries a plan
 * with both, so that it replays without measuring.
 */
export class MeasuredPlans {
  readonly #last = new LastOfModel<Plan["approximations"]>();

  /** The plan with numbers; measured once per choice and clips. Throws `plan.unmeasured` without clips. */
  async get(
    opened: OpenedModel,
    plan: Plan,
    clips: readonly ClipSource[],
    runtime: Runtime,
    job: Job<never>,
  ): Promise<Plan> {
    if (unmeasuredNodes(plan.approximations).length === 0) return plan;
    // A clip may give way to another of its name.
    const contents = clips.map(async (c) => `${c.file} ${await digestHex(await c.bytes())}`);
    const key = keyOf(plan, await Promise.all(contents));
    const approximations = await this.#last.get(
      opened,
      key,
      async () => (await measuredPlan(opened, plan, clips, runtime, job)).approximations,
    );
    return { ...plan, approximations };
  }

  /** The plan with the numbers that were measured last for its choices, if they were. */
  known(opened: OpenedModel, plan: Plan): Plan {
    const last = this.#last.peek(opened);
    return last?.key.startsWith(keyOf(plan, [])) ? { ...plan, approximations: last.answer } : plan;
  }
}

function keyOf({ model, axes, rates, features, approximations }: Plan, clips: readonly string[]): string {
  return `${JSON.stringify([model.sha256, axes, rates, features, approximations])} ${clips.join("\n")}`;
}
