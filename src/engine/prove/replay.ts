import { sliceAxis } from "../../core/ir/axis.ts";
import type { ValueName } from "../../core/ir/graph.ts";
import type { CheckReason, CheckVerdict } from "../../core/proof/proof.ts";
import type { Block } from "../blocks.ts";
import { changedFrames } from "../changed-frames.ts";
import { encodeGraph } from "../encode-graph.ts";
import { noiseClip } from "../noise-clip.ts";
import { type ModuleRun, type RunnableModule, Stepper } from "../stepper.ts";
import type { Check, CheckTools } from "./check.ts";
import { type ProofSubject, spanOf } from "./subject.ts";

/** Steps of one stream; a state that is forgotten shows in the first few. */
const MOST_STEPS = 48;

/** What the runs of one step gave out, in order. */
type Outputs = readonly ModuleRun[];

/**
 * Whether everything that a stream is lies in its caches: after a reset the same input gives the same bits, two streams
 * that take turns in one session do not disturb each other, and a saved stream goes on as if nothing had happened.
 */
async function replayVerdict(subject: ProofSubject, { runtime, job }: CheckTools): Promise<CheckVerdict> {
  const { streaming, analysis } = subject;
  const span = spanOf(subject);
  const perRound = streaming.roundFrames / streaming.chunk;
  const rounds = Math.max(4, Math.min(MOST_STEPS / perRound, Math.max(span.neededSteps, span.steps)));
  const steps = Math.ceil(rounds) * perRound;
  const [own, other] = [await inputsOf(subject, steps, 1), await inputsOf(subject, steps, -1)];
  const names = streaming.outputs.filter((p) => p.kind !== "static").map((p) => p.name);
  const stepper = await Stepper.open(runtime, runnable(subject));
  const perStep = new Map(streaming.inputs.map((p) => [p.name, p.framesPerStep]));
  const chunkOf = (inputs: Block, step: number): Block =>
    Object.fromEntries(
      Object.entries(inputs).map(([name, t]) => {
        const [axis, n] = [analysis.axes[name], perStep.get(name) ?? streaming.chunk];
        return [name, axis === undefined ? t : sliceAxis(t, axis, step * n, (step + 1) * n)];
      }),
    );
  const evidence = {
    steps,
    outputs: names.length,
    caches: streaming.modules.reduce((n, m) => n + m.caches.length, 0),
  };
  const failed = (how: "reset" | "interleaved" | "restored", step: number): CheckVerdict => {
    const reason: CheckReason = { code: "notRepeated", how, step };
    return { check: "replay", status: "failed", evidence, reason };
  };
  try {
    const alone = async (inputs: Block): Promise<Outputs[]> => {
      stepper.reset();
      const all: Outputs[] = [];
      for (let step = 0; step < steps; step++) all.push(await stepper.step(chunkOf(inputs, step)));
      return all;
    };
    const first = await alone(own);
    await job.checkpoint();
    const second = await alone(other);
    await job.checkpoint();
    const again = await alone(own);
    const differing = again.findIndex((outputs, step) => !equal(outputs, first[step], names));
    if (differing >= 0) return failed("reset", differing);
    await job.checkpoint();
    stepper.reset();
    let [a, b] = [stepper.save(), stepper.save()];
    for (let step = 0; step < steps; step++) {
      stepper.restore(a);
      if (!equal(await stepper.step(chunkOf(own, step)), first[step], names))
        return failed("interleaved", step);
      a = stepper.save();
      stepper.restore(b);
      if (!equal(await stepper.step(chunkOf(other, step)), second[step], names))
        return failed("interleaved", step);
      b = stepper.save();
    }
    return (await goesOn()) ?? { check: "replay", status: "passed", evidence };
  } finally {
    await stepper.release();
  }

  /** Saves in the middle, lets another stream run, and goes on. */
  async function goesOn(): Promise<CheckVerdict | undefined> {
    const first: Outputs[] = [];
    const middle = Math.floor(steps / 2);
    stepper.reset();
    for (let step = 0; step < middle; step++) await stepper.step(chunkOf(own, step));
    const saved = stepper.save();
    for (let step = middle; step < steps; step++) first.push(await stepper.step(chunkOf(own, step)));
    stepper.restore(saved);
    for (let step = middle; step < steps; step++) {
      if (!equal(await stepper.step(chunkOf(own, step)), first[step - middle], names))
        return failed("restored", step);
    }
    return undefined;
  }
}

function equal(a: Outputs, b: Outputs | undefined, names: readonly ValueName[]): boolean {
  if (!b || a.length !== b.length) return false;
  return a.every(({ outputs }, i) =>
    names.every((name) => {
      const [x, y] = [outputs.get(name), b[i]?.outputs.get(name)];
      return x === y || (x !== undefined && y !== undefined && changedFrames(x, y, undefined) === undefined);
    }),
  );
}

/** Noise for every input; `sign` −1 gives another stream. */
async function inputsOf({ analysis, streaming }: ProofSubject, steps: number, sign: 1 | -1): Promise<Block> {
  const frames = steps * streaming.chunk;
  const clip = noiseClip(analysis, streaming.chunk, {
    leastFrames: frames,
    ...(sign === -1 && { sign: "positive" as const }),
  });
  return (await clip.read(frames)) ?? {};
}

function runnable({ streaming }: ProofSubject): RunnableModule[] {
  return streaming.modules.map((m) => ({
    name: m.name,
    bytes: encodeGraph(m.graph, streaming.opsets),
    chunks: m.chunk / streaming.chunk,
    gateRuns: m.gateRuns,
    inputs: m.inputs,
    outputs: m.outputs,
    caches: m.caches,
    ...(m.start && {
      start: {
        runs: m.start.runs,
        bytes: encodeGraph(m.start.graph, streaming.opsets),
        caches: m.start.caches,
      },
    }),
  }));
}

export const replay: Check = { id: "replay", run: replayVerdict };
