import type { ValueName } from "../../core/ir/graph.ts";
import { elements, sizeOf, type Tensor } from "../../core/ir/tensor.ts";
import type { CheckVerdict, Divergence } from "../../core/proof/proof.ts";
import type { Cache } from "../../core/stream/module.ts";
import { framesAfter } from "../frames-of.ts";
import type { Check, CheckTools } from "./check.ts";
import { ExactStream } from "./exact-runs.ts";
import { orNotCovered } from "./exact-setting.ts";
import { makerAt } from "./stitcher.ts";
import { type ProofSubject, spanOf } from "./subject.ts";

/**
 * Whether every cache holds at every step what it is said to hold: the frames of its value that come before the chunk, as
 * they are offline. Calibration and test vectors build on that.
 */
async function cachesVerdict(subject: ProofSubject, { setting, job }: CheckTools): Promise<CheckVerdict> {
  const { streaming } = subject;
  const chunk = streaming.roundFrames;
  const { steps, neededSteps } = spanOf(subject);
  if (steps < neededSteps) return { check: "caches", status: "skipped", evidence: {} };
  const { inputs, values: offline } = setting.offline(steps);
  const seen = new Set<string>();
  let frames = 0;
  let found: { readonly cache: string; readonly first: Divergence } | undefined;
  await new ExactStream(streaming, setting.replacements).run(
    inputs,
    steps,
    {
      before(at, index, caches) {
        const module = streaming.modules[at];
        for (const cache of module?.caches ?? []) {
          const reference = offline.get(cache.value) ?? inputs[cache.value];
          const tensor = caches.get(cache.input);
          if (found || !module || !comparable(subject, cache, setting.except) || !reference || !tensor)
            continue;
          const slice = { chunk: module.chunk, index, total: steps * chunk };
          const result = compareSlice(subject, cache, tensor, reference, slice);
          frames += result.frames;
          if (result.frames > 0) seen.add(`${at} ${cache.input}`);
          if (result.first) found = { cache: cache.input, first: result.first };
        }
      },
      after: () => {},
    },
    job,
  );
  const evidence = { caches: seen.size, frames };
  const status = found ? "failed" : seen.size > 0 ? "passed" : "notApplicable";
  if (!found) return { check: "caches", status, evidence };
  return {
    check: "caches",
    status,
    evidence,
    reason: { code: "cacheHolds", cache: found.cache },
    first: found.first,
  };
}

/** Held caches are late by design, states are no frames, and what is approximate differs. */
function comparable({ analysis }: ProofSubject, cache: Cache, except: ReadonlySet<ValueName>): boolean {
  if (cache.kind !== "window" || cache.holdSteps !== undefined || except.has(cache.value)) return false;
  const late = cache.readers.some((r) => r.use === "forced");
  return !late && analysis.warmUp !== "ignore" && analysis.facts.get(cache.value)?.kind === "stream";
}

/** A cache before run `index` against offline's frames [index·n − H − delay, index·n − delay), as far as they exist. */
function compareSlice(
  { analysis }: ProofSubject,
  cache: Cache,
  tensor: Tensor,
  reference: Tensor,
  { chunk, index, total }: { readonly chunk: number; readonly index: number; readonly total: number },
): { readonly frames: number; readonly first?: Divergence } {
  const fact = analysis.facts.get(cache.value);
  if (fact?.kind !== "stream") return { frames: 0 };
  const start = framesAfter(fact, index * chunk) - cache.frames - fact.delay;
  const extent = reference.dims[fact.axis] ?? 0;
  const clean = framesAfter(fact, total) - fact.delay + Math.min(0, analysis.cleanLags.get(cache.value) ?? 0);
  const [from, to] = [Math.max(0, start), Math.min(start + cache.frames, extent, clean)];
  const inner = sizeOf(tensor.dims.slice(fact.axis + 1));
  const outer = sizeOf(tensor.dims.slice(0, fact.axis));
  const [a, b] = [elements(reference), elements(tensor)];
  for (let frame = from; frame < to; frame++) {
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < inner; k++) {
        const offline = Number(a[(o * extent + frame) * inner + k]);
        const streaming = Number(b[(o * cache.frames + frame - start) * inner + k]);
        if (offline === streaming) continue;
        const first = {
          value: cache.value,
          ...makerAt(analysis.graph, cache.value),
          frame,
          offline,
          streaming,
        };
        return { frames: to - from, first };
      }
    }
  }
  return { frames: Math.max(0, to - from) };
}

export const caches: Check = {
  id: "caches",
  run: (subject, tools) => orNotCovered("caches", () => cachesVerdict(subject, tools)),
};
