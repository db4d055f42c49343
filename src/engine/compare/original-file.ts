import { StudioError } from "../../core/base/problem.ts";
import { encodeModel } from "../../core/format/onnx/encode-model.ts";
import { sliceAxis } from "../../core/ir/axis.ts";
import type { ValueName } from "../../core/ir/graph.ts";
import { floats, type Tensor } from "../../core/ir/tensor.ts";
import type { NotRun } from "../../core/proof/proof.ts";
import { ErrorMeter } from "../../core/quant/error-metrics.ts";
import type { StreamAnalysis } from "../../core/stream/analysis.ts";
import { type Block, firstFrames, offlineInputs } from "../blocks.ts";
import { firstTrueStep } from "../frames-of.ts";
import type { OpenedModel } from "../open-model.ts";
import { declaredFrames, lengthFree } from "../original.ts";
import type { Runtime, Session } from "../ports.ts";
import type { ParityReport } from "../reports.ts";
import { runOffline } from "../twin-runs.ts";
import type { ClipInputs } from "./clip-inputs.ts";

/** Frames of the clip over which the opened file is run. */
const MOST_FRAMES = 4096;
/** Steps at which a per-step output is checked against a run of the file. */
const SAMPLED_STEPS = 24;

type Original = NonNullable<ParityReport["original"]>;

/**
 * The opened file, unchanged but for the declared length of its input, beside the normalised form that everything else
 * is compared with: streams over the first frames of a clip, per-step outputs at sampled steps, each from a run over
 * the frames up to that step. A file that runs only at its own length is run at that.
 */
export async function checkOriginal(
  runtime: Runtime,
  opened: OpenedModel,
  analysis: StreamAnalysis,
  clip: ClipInputs,
  chunk: number,
): Promise<Original> {
  const declared = declaredFrames(opened.original.graph, analysis.axes);
  const steps = Math.min(clip.steps, Math.max(1, Math.floor(MOST_FRAMES / chunk)));
  const free = await attempt(() => checkAt(runtime, opened, analysis, clip, { chunk, steps }));
  if (free) return { form: "anyLength", ...free };
  if (declared === undefined) return notRun("refused");
  if (declared % chunk !== 0) return notRun("uneven");
  if (declared > clip.steps * chunk) return notRun("clipShorter");
  const own = await attempt(() =>
    checkAt(runtime, opened, analysis, clip, { chunk, steps: declared / chunk }),
  );
  return own ? { form: "ownLength", ...own } : notRun("refused");
}

function notRun(why: NotRun): Original {
  return { form: "none", runs: 0, maxRelative: 0, why };
}

/** undefined if the runtime refuses the file at this length. */
async function attempt<T>(run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof StudioError && error.problem.code === "model.runtimeRefused") return undefined;
    throw error;
  }
}

async function checkAt(
  runtime: Runtime,
  opened: OpenedModel,
  analysis: StreamAnalysis,
  clip: ClipInputs,
  at: { readonly chunk: number; readonly steps: number },
): Promise<{ runs: number; maxRelative: number }> {
  const outputs = opened.original.graph.outputs
    .map((o) => o.name)
    .filter((name) => (analysis.facts.get(name)?.kind ?? "static") !== "static");
  const inputs = firstFrames(clip.inputs, analysis, at.chunk * at.steps);
  const expected = await runOffline(runtime, opened.normalized, analysis, at, outputs, inputs);
  const file = encodeModel(lengthFree(opened.original, analysis.axes, outputs));
  // As written: fusions made for a declared length may fail where it is left open.
  const session = await runtime.open(file, { optimization: "disabled" });
  const meters = new Map<ValueName, ErrorMeter>(outputs.map((name) => [name, new ErrorMeter()]));
  let runs = 0;
  try {
    for (const steps of runLengths(analysis, outputs, at)) {
      const results = await session.run(
        feedsOf(session, offlineInputs(firstFrames(inputs, analysis, steps * at.chunk), analysis)),
      );
      runs++;
      for (const [name, meter] of meters) {
        const pair = pairAt(analysis, name, { steps, last: at.steps }, expected.get(name), results[name]);
        if (pair) meter.add(floats(pair[0]), floats(pair[1]), { dims: pair[1].dims });
      }
    }
  } finally {
    await session.release();
  }
  return { runs, maxRelative: Math.max(0, ...[...meters].map(([n, m]) => m.summary(n).maxRelative)) };
}

/** Lengths in steps at which the file is run: the whole, and sampled prefixes if an output exists once per step. */
function runLengths(
  analysis: StreamAnalysis,
  outputs: readonly ValueName[],
  { chunk, steps }: { readonly chunk: number; readonly steps: number },
): number[] {
  const lengths = new Set([steps]);
  for (const name of outputs) {
    const fact = analysis.facts.get(name);
    if (fact?.kind !== "perStep") continue;
    const first = firstTrueStep(fact, chunk) + 1;
    for (let i = 0; i < SAMPLED_STEPS; i++) {
      lengths.add(first + Math.floor(((steps - first) * i) / (SAMPLED_STEPS - 1)));
    }
  }
  return [...lengths].filter((n) => n >= 1 && n <= steps).sort((a, b) => a - b);
}

/** Reference and result of one run: whole streams on the whole run, per-step values at the run's last step. */
function pairAt(
  analysis: StreamAnalysis,
  name: ValueName,
  at: { readonly steps: number; readonly last: number },
  expected: Tensor | undefined,
  result: Tensor | undefined,
): [Tensor, Tensor] | undefined {
  const fact = analysis.facts.get(name);
  if (!expected || !result || result.dtype !== "float32") return undefined;
  if (fact?.kind === "stream") return at.steps === at.last ? [expected, result] : undefined;
  return [sliceAxis(expected, 0, at.steps - 1, at.steps), result];
}

function feedsOf(session: Session, inputs: Block): Record<string, Tensor> {
  return Object.fromEntries(session.inputNames.map((name) => [name, inputs[name] as Tensor] as const));
}
