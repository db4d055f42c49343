import type { CheckId, CheckVerdict } from "../../core/proof/proof.ts";
import type { Job, Runtime } from "../ports.ts";
import type { ExactSetting } from "./exact-setting.ts";
import type { ProofSubject } from "./subject.ts";

/** What a check may use. */
export interface CheckTools {
  readonly runtime: Runtime;
  readonly job: Pick<Job<never>, "checkpoint">;
  readonly setting: ExactSetting;
}

/** One question of the proof. */
export interface Check {
  readonly id: CheckId;
  run(subject: ProofSubject, tools: CheckTools): Promise<CheckVerdict>;
}
