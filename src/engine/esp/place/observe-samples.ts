import { fail } from "../../../core/base/problem.ts";
import type { Model, ValueName } from "../../../core/ir/graph.ts";
import { floats, type Tensor } from "../../../core/ir/tensor.ts";
import { infoOf, realInputs } from "../../../core/ir/walk.ts";
import { runnableDialect } from "../../../core/program/dialect/espdl-runnable.ts";
import { exponentOfRange } from "../../../core/quant/esp/exponent.ts";
import { klBins, klExponent } from "../../../core/quant/esp/kl-exponent.ts";
import { MagnitudeHistogram } from "../../../core/quant/esp/magnitude-histogram.ts";
import { MSE_BINS, mseExponent } from "../../../core/quant/esp/mse-exponent.ts";
import { extremes, percentileRange } from "../../../core/quant/esp/percentile-range.ts";
import type { CalibratedValue } from "../../../core/quant/esp/place-exponents.ts";
import { type Range, requireFinite, unionOf } from "../../../core/quant/range.ts";
import type { CalibrationMethod } from "../../../core/quant/scheme.ts";
import { encodeGraph } from "../../encode-graph.ts";
import type { Job, Runtime, Session } from "../../ports.ts";

/** Feeds of one run of the whole model: input name → tensor. */
export type Sample = Readonly<Record<ValueName, Tensor>>;

/** What one run of the model gave. */
type Observed = Readonly<Record<ValueName, Tensor>>;

export interface ObserveInput {
  /** In the dialect of ESP-DL, with the constants that stand while activations are observed. */
  readonly model: Model;
  readonly values: readonly CalibratedValue[];
  /** At least one; read once or twice, in the same order. */
  readonly samples: readonly Sample[];
  readonly method: CalibrationMethod;
}

/** Histograms held at once: at 16 bits each takes 4 MB. */
const MOST_HISTOGRAMS = 32;

/** Activations kept from the first pass for the second one; samples beyond are run again. */
const KEPT_BYTES = 192 * 2 ** 20;

/**
 * Calibrated exponent of every value, by ESP-PPQ's observers: a first pass over the samples finds ranges, a second one counts
 * (KL, MSE). Activations are float, as they are there. Throws `data.none` without samples,
 * `quant.notFinite` where an activation is NaN or infinite.
 * Source: quantization/optim/calibration.py 111–250, quantization/observer/range.py.
 */
export async function observeExponents(
  { model, values, samples, method }: ObserveInput,
  runtime: Runtime,
  job: Job<{ readonly done: number; readonly total: number }>,
): Promise<(value: CalibratedValue) => number | undefined> {
  if (samples.length === 0) fail({ code: "data.none" });
  const names = [...new Set(values.map((v) => v.value))];
  const session = await openObserved(model, names, runtime);
  const groups = method === "kl" || method === "mse" ? groupsOf(values, MOST_HISTOGRAMS) : [];
  const total = samples.length * (1 + groups.length);
  let done = 0;
  const seen = new Map<Sample, Observed>();
  let room = groups.length > 0 ? KEPT_BYTES : 0;
  const observed = async (sample: Sample, wanted: readonly ValueName[]): Promise<Observed> => {
    const before = seen.get(sample);
    if (before) return before;
    const fetches = fetchesOf(model, wanted);
    const results = fetches.length === 0 ? {} : await session.run(sample, fetches);
    const bytes = Object.values(results).reduce((sum, t) => sum + t.bytes.length, 0);
    if (wanted === names && bytes <= room) {
      seen.set(sample, results);
      room -= bytes;
    }
    return results;
  };
  const everySample = async (
    wanted: readonly ValueName[],
    add: (name: ValueName, data: Float32Array) => void,
  ) => {
    for (const sample of samples) {
      await job.checkpoint();
      const results = await observed(sample, wanted);
      for (const name of wanted) {
        const tensor = results[name] ?? sample[name];
        if (!tensor) throw new Error(`${name} was not observed`);
        add(name, floats(tensor));
      }
      job.report({ done: ++done, total });
    }
  };
  try {
    const ranges = new Map<ValueName, Range>();
    const kept = new Map<ValueName, Range[]>(names.map((name) => [name, []]));
    await everySample(names, (name, data) => {
      if (data.some(Number.isNaN)) fail({ code: "quant.notFinite", value: name });
      const range = extremes(data);
      const before = ranges.get(name);
      ranges.set(name, before ? unionOf(before, range) : range);
      if (method === "percentile") kept.get(name)?.push(percentileRange(data));
    });
    const exponents = new Map<string, number>();
    const keyOf = ({ value, bits }: CalibratedValue): string => `${bits} ${value}`;
    for (const value of values) {
      const range =
        method === "percentile" ? meanRange(kept.get(value.value) ?? []) : ranges.get(value.value);
      if (!range) continue;
      requireFinite(range, value.value);
      exponents.set(keyOf(value), exponentOfRange(range.low, range.high, value.bits));
    }
    for (const group of groups) {
      const histograms = group.map((value) => {
        const { low, high } = ranges.get(value.value) ?? { low: 0, high: 0 };
        const bins = method === "kl" ? klBins(value.bits) : MSE_BINS;
        return { value, histogram: new MagnitudeHistogram(Math.max(Math.abs(low), Math.abs(high)), bins) };
      });
      const byName = new Map<ValueName, MagnitudeHistogram[]>();
      for (const { value, histogram } of histograms)
        byName.set(value.value, [...(byName.get(value.value) ?? []), histogram]);
      await everySample([...byName.keys()], (name, data) => {
        for (const histogram of byName.get(name) ?? []) histogram.add(data);
      });
      const exponentOf = method === "kl" ? klExponent : mseExponent;
      for (const { value, histogram } of histograms)
        exponents.set(keyOf(value), exponentOf(histogram, value.bits));
    }
    return (value) => exponents.get(keyOf(value));
  } finally {
    await session.release();
  }
}

/** Mean over the batches, in float32 as torch averages. */
function meanRange(ranges: readonly Range[]): Range {
  const mean = (of: keyof Range): number =>
    Math.fround(ranges.reduce((sum, r) => Math.fround(sum + r[of]), 0) / ranges.length);
  return { low: mean("low"), high: mean("high") };
}

function groupsOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  );
}

function fetchesOf(model: Model, names: readonly ValueName[]): ValueName[] {
  const inputs = new Set(realInputs(model.graph).map((v) => v.name));
  return names.filter((name) => !inputs.has(name));
}

async function openObserved(model: Model, names: readonly ValueName[], runtime: Runtime): Promise<Session> {
  const runnable = runnableDialect(model);
  const info = infoOf(runnable.graph);
  const outputs = fetchesOf(model, names).map((name) => ({ name, dtype: "float32" as const, ...info(name) }));
  return runtime.open(encodeGraph({ ...runnable.graph, outputs }, runnable.opsets));
}
