import type { CheckId, CheckVerdict, ProofReport } from "../../core/proof/proof.ts";
import type { Job, Runtime } from "../ports.ts";
import { CHECKS } from "./checks.ts";
import { exactSetting } from "./exact-setting.ts";
import type { ProofSubject } from "./subject.ts";

export interface ProveProgress {
  readonly check: CheckId;
  readonly done: number;
  readonly total: number;
}

/** Every check on one subject. A check that fails does not stop the others. */
export async function prove(
  subject: ProofSubject,
  runtime: Runtime,
  job: Job<ProveProgress>,
): Promise<ProofReport> {
  const setting = exactSetting(subject);
  const verdicts: CheckVerdict[] = [];
  for (const [done, check] of CHECKS.entries()) {
    job.report({ check: check.id, done, total: CHECKS.length });
    await job.checkpoint();
    verdicts.push(await check.run(subject, { runtime, job, setting }));
  }
  return { verdict: verdictOf(verdicts, subject), checks: verdicts };
}

function verdictOf(checks: readonly CheckVerdict[], { analysis }: ProofSubject): ProofReport["verdict"] {
  if (checks.some((c) => c.status === "failed")) return "failed";
  if (analysis.approximate.size > 0) return "approximate";
  return checks.some((c) => c.status === "skipped") ? "incomplete" : "passed";
}
