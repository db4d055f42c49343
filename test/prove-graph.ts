import { encodeModel } from "../src/core/format/onnx/encode-model.ts";
import type { CheckVerdict } from "../src/core/proof/proof.ts";
import { openModel } from "../src/engine/open-model.ts";
import { SILENT_JOB } from "../src/engine/ports.ts";
import { exactSetting } from "../src/engine/prove/exact-setting.ts";
import { lengthsVerdict } from "../src/engine/prove/lengths.ts";
import { poisonVerdict } from "../src/engine/prove/poison.ts";
import { spanOf } from "../src/engine/prove/subject.ts";
import { splitOf } from "./check-graph.ts";
import { subjectOf } from "./proof-subject.ts";
import { buildGraph, type GraphSpec } from "./random-graphs.ts";
import { analyse } from "./stream-lab.ts";

/* Random graphs by the proof's own checks: no runtime, so that thousands of them take minutes. */

export interface Proved {
  readonly kind: "checked" | "refused" | "degenerate";
  readonly reasons: readonly string[];
  /** Readers that a start policy has to guard. */
  readonly flagged: boolean;
  /** Frames of all values that were compared. */
  readonly frames: number;
  readonly wrong: readonly { readonly policy: string; readonly verdict: CheckVerdict }[];
}

const POLICIES = ["hold", "mask", "two-graph"] as const;

/**
 * Every value of every frame under every warm-up policy, with junk at NaN, and a clip to its last frame, its end told: its
 * length is any, its flush NaN.
 */
export async function proveGraph(spec: GraphSpec): Promise<Proved> {
  const none = { flagged: false, frames: 0, wrong: [], reasons: [] };
  const model = buildGraph(spec);
  if (!model) return { ...none, kind: "degenerate" };
  const neutral = analyse(model, { x: 2 });
  const reasons = neutral.refusals.map((r) => ("reason" in r.problem ? r.problem.reason : r.problem.code));
  if (reasons.length > 0) return { ...none, kind: "refused", reasons };
  const flagged = neutral.warmUp !== "causal-free";
  const chunk = neutral.minimalChunk * spec.factor;
  const opened = openModel([{ name: "random.onnx", bytes: encodeModel(model) }]);
  const splits = splitOf(opened.normalized, spec.split);
  const wrong: { policy: string; verdict: CheckVerdict }[] = [];
  let frames = 0;
  const note = (policy: string, verdict: CheckVerdict): void => {
    frames += verdict.evidence.frames ?? 0;
    if (verdict.status === "failed" || verdict.status === "skipped") wrong.push({ policy, verdict });
  };
  for (const warmUp of flagged ? POLICIES : POLICIES.slice(0, 1)) {
    const subject = subjectOf(opened, { chunk, plan: { warmUp, splits } });
    const tools = { job: SILENT_JOB, setting: exactSetting(subject) };
    note(warmUp, await poisonVerdict(subject, tools));
  }
  for (const warmUp of flagged ? POLICIES.slice(0, 2) : POLICIES.slice(0, 1)) {
    const subject = subjectOf(opened, { chunk, plan: { warmUp, splits, end: "exact" } });
    const tools = { job: SILENT_JOB, setting: exactSetting(subject) };
    const length = Math.max(1, spanOf(subject).neededSteps * chunk - (spec.seed % (2 * chunk)));
    note(`${warmUp}, to the end`, await lengthsVerdict(subject, tools, [length]));
  }
  return { kind: frames > 0 ? "checked" : "degenerate", reasons: [], flagged, frames, wrong };
}
