import type { Replacements } from "../../core/interpret/graph-runner.ts";
import { NotCovered } from "../../core/interpret/kernel.ts";
import type { ValueName } from "../../core/ir/graph.ts";
import type { Tensor } from "../../core/ir/tensor.ts";
import type { CheckId, CheckVerdict } from "../../core/proof/proof.ts";
import type { Block } from "../blocks.ts";
import { exactInputs, exactOffline } from "./exact-runs.ts";
import { seedOf, structuralWeights } from "./structural-weights.ts";
import { approximateIn, type ProofSubject } from "./subject.ts";

/** What exact runs of one subject share. */
export interface ExactSetting {
  readonly seed: number;
  readonly replacements: Replacements;
  readonly except: ReadonlySet<string>;
  /** Inputs and the offline run over at least so many rounds; the longest run so far is kept. */
  offline(rounds: number): ExactOffline;
}

export interface ExactOffline {
  readonly rounds: number;
  readonly inputs: Block;
  readonly values: ReadonlyMap<ValueName, Tensor>;
}

export function exactSetting(subject: ProofSubject): ExactSetting {
  const { opened, analysis, streaming } = subject;
  const seed = seedOf(opened.sha256);
  const replacements = structuralWeights(opened.normalized.graph, seed);
  let longest: ExactOffline | undefined;
  return {
    seed,
    replacements,
    except: approximateIn(subject),
    offline(rounds) {
      if (longest && longest.rounds >= rounds) return longest;
      const at = { chunk: streaming.roundFrames, steps: rounds };
      const inputs = exactInputs(analysis, at.chunk * rounds, seed);
      const values = exactOffline(opened.normalized, analysis, replacements, at, inputs);
      longest = { rounds, inputs, values };
      return longest;
    },
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
