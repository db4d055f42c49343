import { encodeModel } from "../core/format/onnx/encode-model.ts";
import { concatAxis, sliceAxis } from "../core/ir/axis.ts";
import type { Dim, ValueName } from "../core/ir/graph.ts";
import { floats, floatTensor, sizeOf, type Tensor } from "../core/ir/tensor.ts";
import { infoOf } from "../core/ir/walk.ts";
import { ErrorMeter } from "../core/quant/error-metrics.ts";
import type { TimeAxes } from "../core/stream/analysis.ts";
import { filledTensor } from "../core/stream/filled-tensor.ts";
import {
  confirmedPairs,
  type StatePair,
  stateBytes,
  stateDims,
  statePairs,
} from "../core/stream/state-pairs.ts";
import type { Block } from "./blocks.ts";
import { uniformNoise } from "./noise-clip.ts";
import { type OpenedModel, requireFloat } from "./open-model.ts";
import type { Job, Runtime } from "./ports.ts";
import type { ErrorSummary } from "./reports.ts";
import { type Roll, RolledModel } from "./run-rolled.ts";
import { matchPorts, twinAxes } from "./twin-ports.ts";

/**
 * Largest allowed error of an output, relative to its range. Twins were exported apart: other operators, constants
 * folded elsewhere, sums in another order over a thousand operators (authors of such pairs state up to 5e-5).
 */
export const TWIN_TOLERANCE = 5e-5;
/** Delays that are tried where none is declared, in output frames; a twin may also run ahead of a padded offline model. */
const EARLIEST = -4;
const LATEST = 16;
/** Frames of noise where the offline model takes any length. */
const NOISE_FRAMES = 96;

export interface TwinOptions {
  /** Time axes of the offline model's inputs, where the files do not tell. */
  readonly axes?: TimeAxes;
  /** Frames per step where the streaming model takes any number. */
  readonly chunk?: number;
  /** Frames between steps, where the host keeps an overlap; default: the whole chunk. */
  readonly hop?: number;
  /** Output frames by which the streaming model is known to lag; searched if absent. */
  readonly delayFrames?: number;
  readonly tolerance?: number;
  /** States as the user confirmed them; recognised if absent. */
  readonly states?: readonly {
    readonly input: ValueName;
    readonly output: ValueName;
    readonly init?: number;
  }[];
  /** Inputs of the streaming model that have no twin and never change; zeros if absent. */
  readonly fixed?: Readonly<Record<ValueName, Tensor>>;
  /** Whole inputs by the offline model's names; seeded noise if absent. */
  readonly inputs?: Block;
}

export interface TwinOutput extends ErrorSummary {
  /** Name in the streaming model. */
  readonly twin: ValueName;
  /** Time axis; undefined if the last step stands for the whole clip. */
  readonly axis?: number;
  readonly delayFrames: number;
}

/** An offline model against a streaming model that somebody else made. */
export interface TwinReport {
  readonly verdict: "equal" | "different";
  readonly tolerance: number;
  readonly outputs: readonly TwinOutput[];
  readonly pairs: readonly StatePair[];
  readonly stateBytes: number;
  readonly axes: TimeAxes;
  /** Frames per step of the streaming model's first streaming input. */
  readonly chunk: number;
  readonly steps: number;
}

/**
 * Runs the offline file over a whole input and the streaming file step by step over the same frames, and compares every
 * frame that both have. Throws `model.quantized`, `twin.unmatched`, `stream.stateInvalid`, `stream.axisUnknown`, `model.runtimeRefused`.
 */
export async function compareTwin(
  { offline, streaming }: { readonly offline: OpenedModel; readonly streaming: OpenedModel },
  options: TwinOptions,
  runtime: Runtime,
  job: Pick<Job<never>, "checkpoint">,
): Promise<TwinReport> {
  for (const opened of [offline, streaming]) requireFloat(opened);
  const { pairs, rest } = options.states
    ? confirmedPairs(streaming.normalized, streaming.inference, options.states)
    : statePairs(streaming.normalized, streaming.inference);
  const own = statePairs(offline.normalized, offline.inference);
  const data = (opened: OpenedModel, names: readonly ValueName[]) => ({ opened, names });
  const fixed = options.fixed ?? {};
  const moving = rest.inputs.filter((name) => !(name in fixed));
  const inputs = matchPorts(data(offline, own.rest.inputs), data(streaming, moving));
  const outputs = matchPorts(data(offline, own.rest.outputs), data(streaming, rest.outputs));
  const portAxes = twinAxes(inputs, offline, streaming, options.axes);
  const axes = Object.fromEntries([...portAxes].map(([p, axis]) => [p.offline, axis]));
  const given = options.inputs ?? noiseFor(offline, own.rest.inputs, axes);
  const rolls: Record<ValueName, Roll> = {};
  for (const [port, axis] of portAxes) {
    const declared = streaming.inference.info(port.streaming).shape?.[axis];
    const window = fixedExtent(declared) ?? options.chunk ?? 1;
    rolls[port.streaming] = { axis, window, hop: options.hop ?? window };
  }
  const expected = await runWhole(runtime, offline, own.pairs, given);
  const rolled = await RolledModel.open(runtime, streaming, { pairs, rolls });
  try {
    const twin = Object.fromEntries(inputs.map((p) => [p.streaming, given[p.offline] as Tensor] as const));
    const steps = await rolled.run({ ...restOf(streaming, rest.inputs), ...fixed, ...twin }, job);
    const tolerance = options.tolerance ?? TWIN_TOLERANCE;
    const compared = outputs.map((port) =>
      compareOutput(port, expected[port.offline] as Tensor, steps.get(port.streaming) ?? [], {
        tolerance,
        ...(options.delayFrames !== undefined && { delayFrames: options.delayFrames }),
      }),
    );
    const equal = compared.length > 0 && compared.every((o) => o.frames > 0 && o.maxRelative <= tolerance);
    return {
      verdict: equal ? "equal" : "different",
      tolerance,
      outputs: compared,
      pairs,
      stateBytes: stateBytes(pairs),
      axes,
      chunk: Object.values(rolls)[0]?.window ?? 1,
      steps: Math.max(0, ...[...steps.values()].map((list) => list.length)),
    };
  } finally {
    await rolled.release();
  }
}

/** The file in one run, states (if it has any) from zero. */
async function runWhole(
  runtime: Runtime,
  opened: OpenedModel,
  pairs: readonly StatePair[],
  inputs: Block,
): Promise<Record<string, Tensor>> {
  const session = await runtime.open(encodeModel(opened.original));
  try {
    const states = Object.fromEntries(
      pairs.map((p) => [p.input, filledTensor(p.dtype, stateDims(p), 0)] as const),
    );
    return await session.run({ ...inputs, ...states });
  } finally {
    await session.release();
  }
}

/** Noise for every data input: as long as the file declares, else NOISE_FRAMES. */
function noiseFor(opened: OpenedModel, names: readonly ValueName[], axes: TimeAxes): Block {
  const next = uniformNoise(1);
  const declared = infoOf(opened.original.graph);
  return Object.fromEntries(
    names.map((name) => {
      const { shape = [], dtype = "float32" } = declared(name) ?? { name };
      const dims = shape.map((d, i) => extentOf(d, i === axes[name]));
      const tensor =
        dtype === "float32"
          ? floatTensor(Float32Array.from({ length: sizeOf(dims) }, next), dims)
          : filledTensor(dtype, dims, 0);
      return [name, tensor];
    }),
  );
}

function extentOf(dim: Dim, isTime: boolean): number {
  return fixedExtent(dim) ?? (isTime ? NOISE_FRAMES : 1);
}

/** Exporters also write a fixed length as a symbol, such as "19000". */
function fixedExtent(dim: Dim | undefined): number | undefined {
  if (typeof dim === "string" && /^\d+$/.test(dim)) return Number(dim);
  return typeof dim === "number" ? dim : undefined;
}

/** Inputs of the streaming model that have no time: zeros unless the twin gives them. */
function restOf(opened: OpenedModel, names: readonly ValueName[]): Block {
  const declared = infoOf(opened.original.graph);
  return Object.fromEntries(
    names.map((name) => {
      const { shape = [], dtype = "float32" } = declared(name) ?? { name };
      return [
        name,
        filledTensor(
          dtype,
          shape.map((d) => extentOf(d, false)),
          0,
        ),
      ] as const;
    }),
  );
}

function compareOutput(
  { offline, streaming }: { readonly offline: ValueName; readonly streaming: ValueName },
  expected: Tensor,
  steps: readonly Tensor[],
  { tolerance, delayFrames }: { readonly tolerance: number; readonly delayFrames?: number },
): TwinOutput {
  const last = steps.at(-1);
  const axis = last && timeAxisOf(expected, last, steps.length);
  if (axis === undefined) {
    const meter = new ErrorMeter();
    if (last && last.bytes.length === expected.bytes.length)
      meter.add(floats(expected), floats(last), { dims: expected.dims });
    return { ...meter.summary(offline, tolerance), twin: streaming, delayFrames: 0 };
  }
  const stream = concatAxis(steps, axis);
  const delays =
    delayFrames !== undefined
      ? [delayFrames]
      : Array.from({ length: LATEST - EARLIEST + 1 }, (_, i) => i + EARLIEST).sort(
          (a, b) => Math.abs(a) - Math.abs(b) || a - b,
        );
  let best: TwinOutput | undefined;
  for (const delay of delays) {
    const summary = compareAt(offline, expected, stream, { axis, delay, tolerance });
    if (!best || summary.maxRelative < best.maxRelative)
      best = { ...summary, twin: streaming, axis, delayFrames: delay };
    if (best.maxRelative <= tolerance) break;
  }
  if (!best) throw new Error("no delay was tried");
  return best;
}

/** The axis along which the steps' results, one after another, come closest to the whole. */
function timeAxisOf(expected: Tensor, step: Tensor, steps: number): number | undefined {
  if (expected.dims.length !== step.dims.length) return undefined;
  const fits = expected.dims.flatMap((extent, axis) => {
    const others = expected.dims.every((d, i) => i === axis || d === step.dims[i]);
    return others ? [{ axis, off: Math.abs(extent - steps * (step.dims[axis] ?? 0)) }] : [];
  });
  return fits.sort((a, b) => a.off - b.off)[0]?.axis;
}

/** Streaming frame p against offline frame p − delay, wherever both exist; at least half of the frames must. */
function compareAt(
  value: ValueName,
  expected: Tensor,
  stream: Tensor,
  at: { readonly axis: number; readonly delay: number; readonly tolerance: number },
): ErrorSummary {
  const { axis, delay } = at;
  const [a, b] = [expected.dims[axis] ?? 0, stream.dims[axis] ?? 0];
  const from = Math.max(0, -delay);
  const length = Math.min(a - from, b - from - delay);
  const meter = new ErrorMeter();
  if (length > 0 && 2 * length >= Math.min(a, b)) {
    const reference = sliceAxis(expected, axis, from, from + length);
    const actual = sliceAxis(stream, axis, from + delay, from + delay + length);
    meter.add(floats(reference), floats(actual), { dims: reference.dims, axis });
    return meter.summary(value, at.tolerance);
  }
  return { ...meter.summary(value, at.tolerance), maxRelative: Number.POSITIVE_INFINITY };
}
