import { doubles, doubleTensor } from "../../core/interpret/doubles.ts";
import type { ValueName } from "../../core/ir/graph.ts";
import { nodeKey } from "../../core/ir/graph.ts";
import { sizeOf, type Tensor } from "../../core/ir/tensor.ts";
import type { CheckVerdict } from "../../core/proof/proof.ts";
import { extentsFor } from "../../core/stream/extents.ts";
import type { Cache } from "../../core/stream/module.ts";
import { historyOf, viewsOf } from "../../core/stream/views.ts";
import type { Check, CheckTools } from "./check.ts";
import { ExactStream } from "./exact-runs.ts";
import { orNotCovered } from "./exact-setting.ts";
import { Stitcher } from "./stitcher.ts";
import { type ProofSubject, spanOf } from "./subject.ts";

/**
 * Whether anything that must not matter does: frames from before the stream are NaN as soon as they are made, and so is
 * what caches hold at reset where no true frame should read it. No true frame may then be NaN, or any other than before.
 */
export async function poisonVerdict(
  subject: ProofSubject,
  { setting, job }: Pick<CheckTools, "setting" | "job">,
): Promise<CheckVerdict> {
  const { analysis, streaming } = subject;
  if (analysis.warmUp === "ignore")
    return { check: "poison", status: "notApplicable", evidence: {}, reason: { code: "startIgnored" } };
  const chunk = streaming.roundFrames;
  const span = spanOf(subject);
  if (span.steps < span.neededSteps) return { check: "poison", status: "skipped", evidence: {} };
  // What a cache holds at reset has left it after its own length.
  const longest = Math.max(0, ...streaming.modules.flatMap((m) => m.caches.map((c) => c.frames)));
  const steps = Math.min(span.steps, span.neededSteps + longest + 2);
  const { inputs, values: offline } = setting.offline(steps);
  const stitcher = new Stitcher(analysis, offline, { chunk, steps, except: setting.except });
  const free = freeCaches(subject);
  let [poisonedFrames, poisonedCaches] = [0, 0];
  const see = (index: number) => (name: ValueName, tensor: Tensor) => {
    const fact = analysis.facts.get(name);
    if (fact?.kind !== "stream" || fact.junk.kind !== "dirty" || tensor.dtype !== "float64") return tensor;
    const frames = tensor.dims[fact.axis] ?? 0;
    const junk = Math.min(frames, fact.delay - index * frames);
    if (junk <= 0) return tensor;
    poisonedFrames += junk;
    return poisoned(tensor, fact.axis, junk);
  };
  await new ExactStream(streaming, setting.replacements).run(
    inputs,
    steps,
    {
      reset(module, caches) {
        for (const cache of streaming.modules[module]?.caches ?? []) {
          const tensor = caches.get(cache.input);
          if (tensor?.dtype !== "float64" || !free(cache)) continue;
          poisonedCaches++;
          caches.set(cache.input, poisoned(tensor, cache.axis, cache.frames));
        }
      },
      see,
      after: (run) => stitcher.add(run),
    },
    job,
  );
  const first = stitcher.first();
  const evidence = { poisonedFrames, poisonedCaches, values: stitcher.values, frames: stitcher.frames };
  const status = first ? "failed" : poisonedFrames + poisonedCaches > 0 ? "passed" : "notApplicable";
  return { check: "poison", status, evidence, ...(first && { first }) };
}

/** The first `frames` frames along an axis as NaN. */
function poisoned(tensor: Tensor, axis: number, frames: number): Tensor {
  const data = Float64Array.from(doubles(tensor));
  const extent = tensor.dims[axis] ?? 1;
  const inner = sizeOf(tensor.dims.slice(axis + 1));
  for (let from = 0; from < data.length; from += extent * inner)
    data.fill(Number.NaN, from, from + frames * inner);
  return doubleTensor(data, tensor.dims);
}

/** Caches whose contents at reset no true frame may read. */
function freeCaches({ analysis, streaming }: ProofSubject): (cache: Cache) => boolean {
  const extents = extentsFor(analysis, streaming.roundFrames);
  const byKey = new Map(analysis.graph.nodes.map((n) => [nodeKey(n), n]));
  return (cache) =>
    cache.kind === "window" &&
    cache.holdSteps === undefined &&
    cache.readers.every(({ node }) => {
      const reader = byKey.get(node);
      const views = reader ? viewsOf(analysis, extents, reader) : [];
      return views.every((v) => historyOf(v) === 0 || v.fill === undefined || v.hold?.late);
    });
}

export const poison: Check = {
  id: "poison",
  run: (subject, tools) => orNotCovered("poison", () => poisonVerdict(subject, tools)),
};
