import { describe, expect, test } from "vitest";
import { MUTATED_MODELS, mutantsOf } from "../../../test/mutants.ts";
import { proofSubject } from "../../../test/proof-subject.ts";
import type { CheckVerdict } from "../../core/proof/proof.ts";
import type { Module } from "../../core/stream/module.ts";
import { createRuntime } from "../../runtime/ort.ts";
import { SILENT_JOB } from "../ports.ts";
import { caches } from "./caches.ts";
import { exactSetting } from "./exact-setting.ts";
import { poison } from "./poison.ts";
import { structural } from "./structural.ts";
import type { ProofSubject } from "./subject.ts";

const runtime = createRuntime();

/** The verdicts of the checks in exact arithmetic, up to the first that fails. */
async function firstFailure(subject: ProofSubject): Promise<CheckVerdict | undefined> {
  const tools = { runtime, job: SILENT_JOB, setting: exactSetting(subject) };
  for (const check of [structural, poison, caches]) {
    const verdict = await check.run(subject, tools);
    if (verdict.status === "failed") return verdict;
  }
  return undefined;
}

/** The faults of a list that the proof does not see. */
async function missed(
  subject: (change?: (module: Module) => Module) => ProofSubject,
): Promise<{ readonly count: number; readonly missed: readonly string[] }> {
  const clean = subject();
  const mutants = clean.streaming.modules.flatMap(mutantsOf);
  const unseen: string[] = [];
  for (const { what, module } of mutants) if (!(await firstFailure(subject(() => module)))) unseen.push(what);
  return { count: mutants.length, missed: unseen };
}

describe("the proof catches every planted fault", () => {
  for (const [name, model] of Object.entries(MUTATED_MODELS)) {
    for (const warmUp of ["mask", "hold"] as const) {
      test(`${name}, ${warmUp}`, async () => {
        const subject = (change?: (module: Module) => Module) =>
          proofSubject(model, { plan: { warmUp }, ...(change && { change }) });
        expect(await firstFailure(subject())).toBeUndefined();
        const { count, missed: unseen } = await missed(subject);
        expect(count).toBeGreaterThan(5);
        expect(unseen).toEqual([]);
      });
    }
  }
});
