import { StudioError } from "../../core/base/problem.ts";
import type { CheckVerdict, Divergence } from "../../core/proof/proof.ts";
import type { Streaming } from "../../core/stream/streaming-model.ts";
import { analyse } from "../analyse.ts";
import { convertModel } from "../convert-model.ts";
import type { Check, CheckTools } from "./check.ts";
import { ExactStream, exactInputs, exactOffline } from "./exact-runs.ts";
import { orNotCovered } from "./exact-setting.ts";
import { Stitcher } from "./stitcher.ts";
import { approximateIn, type ProofSubject, spanOf } from "./subject.ts";

/** Chunks that are compared, as multiples of the plan's. */
const MULTIPLES = [1, 2, 3] as const;

/**
 * Whether frames depend on how the stream is cut: the modules of the plan, and modules for two and three times its chunk,
 * give the frames of one and the same offline run.
 */
async function chunksVerdict(subject: ProofSubject, { setting, job }: CheckTools): Promise<CheckVerdict> {
  const { streaming, opened } = subject;
  const span = spanOf(subject, 1 / 2);
  const outputs = new Set(streaming.outputs.map((p) => p.name));
  let [chunkSizes, frames] = [0, 0];
  for (const multiple of MULTIPLES) {
    const other = multiple === 1 ? subject : atChunk(subject, multiple * streaming.chunk);
    if (!other) continue;
    const chunk = other.streaming.roundFrames;
    const steps = Math.max(Math.ceil(span.steps / multiple), spanOf(other).neededSteps);
    if (spanOf(other).steps < steps) continue;
    const at = { chunk, steps };
    const own = other === subject ? setting.offline(steps) : undefined;
    const inputs = own?.inputs ?? exactInputs(other.analysis, steps * chunk, setting.seed);
    const offline =
      own?.values ?? exactOffline(opened.normalized, other.analysis, setting.replacements, at, inputs);
    const except = multiple === 1 ? setting.except : approximateIn(other);
    const stitcher = new Stitcher(other.analysis, offline, { chunk, steps, except, only: outputs });
    const stream = new ExactStream(other.streaming, setting.replacements);
    await stream.run(inputs, steps, { after: (run) => stitcher.add(run) }, job);
    frames += stitcher.frames;
    if (stitcher.frames > 0) chunkSizes++;
    const first: Divergence | undefined = stitcher.first();
    if (first) {
      const reason = { code: "atChunk", chunk: other.streaming.chunk } as const;
      return { check: "chunks", status: "failed", evidence: { chunkSizes, frames }, reason, first };
    }
  }
  return {
    check: "chunks",
    status: chunkSizes > 1 ? "passed" : "notApplicable",
    evidence: { chunkSizes, frames },
  };
}

/** The same plan at another chunk; undefined if it does not allow that. */
function atChunk(subject: ProofSubject, chunk: number): ProofSubject | undefined {
  const plan = { ...subject.plan, chunk };
  try {
    const { stream } = analyse(subject.opened, plan.axes, {}, plan.rates);
    const made: Streaming = convertModel(subject.opened, stream, plan);
    return { ...subject, plan, analysis: made.analysis, streaming: made.model };
  } catch (error) {
    if (error instanceof StudioError) return undefined;
    throw error;
  }
}

export const chunks: Check = {
  id: "chunks",
  run: (subject, tools) => orNotCovered("chunks", () => chunksVerdict(subject, tools)),
};
