import { doubleTensor } from "../../core/interpret/doubles.ts";
import { GraphRunner } from "../../core/interpret/graph-runner.ts";
import { NotCovered } from "../../core/interpret/kernel.ts";
import { attributesOf } from "../../core/ir/attributes.ts";
import { concatAxis } from "../../core/ir/axis.ts";
import type { Graph, ValueName } from "../../core/ir/graph.ts";
import { longTensor, numbers, sizeOf, type Tensor } from "../../core/ir/tensor.ts";
import type { CheckVerdict } from "../../core/proof/proof.ts";
import { REMAINING } from "../../core/stream/end-position.ts";
import type { Block } from "../blocks.ts";
import { declaredFrames } from "../original.ts";
import type { Check, CheckTools } from "./check.ts";
import { ExactStream, exactInputs, feedsOf } from "./exact-runs.ts";
import { orNotCovered } from "./exact-setting.ts";
import { Stitcher } from "./stitcher.ts";
import { type ProofSubject, spanOf } from "./subject.ts";

/** Residues of a round that are tried at most. */
const MOST_RESIDUES = 6;
/** As large as samples are at most: a key that is read by mistake weighs as much as any. */
const ORDINARY = 3;

/**
 * Whether clips of any length come out right: shorter than a history, and of every residue of a round; what fills the last
 * chunk, and the chunks of the flush, is NaN. A model that is told its end must give every frame of offline. One with
 * attention that is not told it gets ordinary numbers there: a key's weight of zero times what is no number is none, so
 * that whoever fills the last chunk must fill it with numbers.
 */
export async function lengthsVerdict(
  subject: ProofSubject,
  { setting, job }: Pick<CheckTools, "setting" | "job">,
  tried: readonly number[] = lengthsOf(subject),
): Promise<CheckVerdict> {
  const { analysis, opened } = subject;
  if (declaredFrames(opened.normalized.graph, analysis.axes) !== undefined)
    return { check: "lengths", status: "notApplicable", evidence: {}, reason: { code: "fixedLength" } };
  if (analysis.paces)
    return { check: "lengths", status: "notApplicable", evidence: {}, reason: { code: "severalPaces" } };
  if (spanOf(subject).steps < spanOf(subject).neededSteps)
    return { check: "lengths", status: "skipped", evidence: {} };
  const runner = new GraphRunner(opened.normalized.graph, setting.replacements);
  let [lengths, frames] = [0, 0];
  for (const inputFrames of tried) {
    await job.checkpoint();
    const inputs = exactInputs(analysis, inputFrames, setting.seed);
    const offline = offlineAt(runner, subject, inputs);
    if (!offline) continue;
    const stitcher = await streamed(subject, { inputs, inputFrames, offline }, { setting, job });
    frames += stitcher.frames;
    if (stitcher.frames > 0) lengths++;
    const first = stitcher.first();
    const lost = first ? undefined : lostFrames(subject, offline, stitcher);
    if (!first && !lost) continue;
    const reason = { code: "atLength", frames: inputFrames } as const;
    const evidence = { lengths, frames };
    return {
      check: "lengths",
      status: "failed",
      evidence,
      reason,
      ...(first ? { first } : lost && { first: lost }),
    };
  }
  return {
    check: "lengths",
    status: lengths > 0 ? "passed" : "notApplicable",
    evidence: { lengths, frames },
  };
}

/** Short ones, and every residue of a round behind the first true frames. */
function lengthsOf(subject: ProofSubject): number[] {
  const { streaming } = subject;
  const round = streaming.roundFrames;
  const history = Math.max(1, ...streaming.modules.flatMap((m) => m.caches.map((c) => c.frames)));
  const settled = spanOf(subject).neededSteps * round;
  const residues = Array.from({ length: Math.min(round, MOST_RESIDUES) }, (_, r) => settled + r);
  const all = [1, 2, Math.ceil(history / 2), history, round, round + 1, settled - 1, ...residues];
  return [...new Set(all)].filter((n) => n >= 1).sort((a, b) => a - b);
}

/** undefined where the clip is too short for the model: it refuses, or a value on the way has no frame at all. */
function offlineAt(
  runner: GraphRunner,
  { opened, analysis }: ProofSubject,
  inputs: Block,
): ReadonlyMap<ValueName, Tensor> | undefined {
  try {
    const values = runner.run(feedsOf(opened.normalized.graph, inputs));
    const empty = [...values].some(([name, t]) => {
      const fact = analysis.facts.get(name);
      return fact?.kind === "stream" && t.dims[fact.axis] === 0;
    });
    return empty || mirrorsTooFar(opened.normalized.graph, values) ? undefined : values;
  } catch (error) {
    // A clip shorter than an unpadded window has no output: sizes below zero are range errors.
    if (error instanceof NotCovered || !(error instanceof RangeError)) throw error;
    return undefined;
  }
}

/** Whether a reflected padding is not shorter than what it reflects: ONNX gives that no meaning, and runtimes refuse it. */
function mirrorsTooFar(graph: Graph, values: ReadonlyMap<ValueName, Tensor>): boolean {
  return graph.nodes.some((node) => {
    if (node.op !== "Pad" || attributesOf(node).string("mode", "constant") !== "reflect") return false;
    const [x = "", amounts = ""] = node.inputs;
    const pads = graph.initializers.get(amounts);
    const dims = values.get(x)?.dims ?? [];
    return (
      pads !== undefined && numbers(pads).some((pad, i) => pad > 0 && pad >= (dims[i % dims.length] ?? 0))
    );
  });
}

interface Clip {
  readonly inputs: Block;
  readonly inputFrames: number;
  readonly offline: ReadonlyMap<ValueName, Tensor>;
}

async function streamed(
  { analysis, streaming }: ProofSubject,
  { inputs, inputFrames, offline }: Clip,
  { setting, job }: Pick<CheckTools, "setting" | "job">,
): Promise<Stitcher> {
  const chunk = streaming.roundFrames;
  const { exactEnd } = analysis;
  const flushFrames = streaming.flushSteps * streaming.chunk + tailFrames(analysis, offline, inputFrames);
  const more = exactEnd ? Math.ceil(flushFrames / chunk) + 1 : 0;
  const steps = Math.ceil(inputFrames / chunk) + more;
  const streams = streaming.outputs.filter((p) => p.kind === "stream").map((p) => p.name);
  const only = new Set(streams);
  // A stream that is not told its end knows the frames of whole strides only.
  const known = exactEnd ? inputFrames : inputFrames - (inputFrames % analysis.minimalChunk);
  const options = { chunk, steps, inputFrames: known, toTheEnd: exactEnd, except: setting.except, only };
  const filler = analysis.grids.size > 0 && !exactEnd ? ORDINARY : Number.NaN;
  const stitcher = new Stitcher(analysis, offline, options);
  await new ExactStream(streaming, setting.replacements).run(
    withFiller(inputs, analysis.axes, steps * chunk, filler),
    steps,
    {
      before(module, index, caches) {
        const own = streaming.modules[module]?.chunk ?? chunk;
        const last = Math.ceil(inputFrames / own) - 1;
        if (exactEnd && index === last && caches.has(REMAINING))
          caches.set(REMAINING, longTensor([inputFrames - last * own]));
      },
      after: (run) => stitcher.add(run),
    },
    job,
  );
  return stitcher;
}

/** Model-input frames by which the longest value is longer than its input: padding gives frames behind the last one. */
function tailFrames(
  { facts }: ProofSubject["analysis"],
  offline: ReadonlyMap<ValueName, Tensor>,
  inputFrames: number,
): number {
  const tails = [...offline].map(([name, t]) => {
    const fact = facts.get(name);
    if (fact?.kind !== "stream") return 0;
    return Math.ceil(((t.dims[fact.axis] ?? 0) * fact.rate.den) / fact.rate.num) - inputFrames;
  });
  return Math.max(0, ...tails);
}

/** The inputs filled up to a length. */
function withFiller(
  inputs: Block,
  axes: Readonly<Record<string, number>>,
  length: number,
  value: number,
): Block {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, t]) => {
      const axis = axes[name];
      if (axis === undefined || t.dtype !== "float64") return [name, t];
      const dims = t.dims.map((d, i) => (i === axis ? length - d : d));
      const filler = doubleTensor(new Float64Array(sizeOf(dims)).fill(value), dims);
      return [name, concatAxis([t, filler], axis)];
    }),
  );
}

/** A stream that was told its end must show all of offline's frames. */
function lostFrames({ analysis, streaming }: ProofSubject, offline: Clip["offline"], stitcher: Stitcher) {
  if (!analysis.exactEnd) return undefined;
  for (const { name, axis, exact } of streaming.outputs) {
    const extent = axis === undefined ? 0 : (offline.get(name)?.dims[axis] ?? 0);
    const frame = stitcher.framesOf(name);
    if (exact.kind === "exact" && axis !== undefined && frame < extent) return { value: name, frame };
  }
  return undefined;
}

export const lengths: Check = {
  id: "lengths",
  run: (subject, tools) => orNotCovered("lengths", () => lengthsVerdict(subject, tools)),
};
