import type { Replacements } from "../../core/interpret/graph-runner.ts";
import { NotCovered } from "../../core/interpret/kernel.ts";
import type { CheckId, CheckVerdict } from "../../core/proof/proof.ts";
import { seedOf, structuralWeights } from "./structural-weights.ts";
import { approximateIn, type ProofSubject } from "./subject.ts";

/** What exact runs of one subject share. */
export interface ExactSetting {
  readonly seed: number;
  readonly replacements: Replacements;
  readonly except: ReadonlySet<string>;
}

export function exactSetting(subject: ProofSubject): ExactSetting {
  const { opened } = subject;
  const seed = seedOf(opened.sha256);
  return {
    seed,
    replacements: structuralWeights(opened.normalized.graph, seed),
    except: approximateIn(subject),
  };
}

/** Runs a check in exact arithmetic; an operator that the interpreter lacks makes it skipped, by name. */
export async function orNotCovered(check: CheckId, run: () => Promise<CheckVerdict>): Promise<CheckVerdict> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof NotCovered)) throw error;
    const { op, node } = error;
    return { check, status: "skipped", evidence: {}, reason: { code: "notCovered", op, node } };
  }
}
