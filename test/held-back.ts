import { StudioError } from "../src/core/base/problem.ts";
import type { Model } from "../src/core/ir/graph.ts";
import { sizeOf } from "../src/core/ir/tensor.ts";
import type { CalibrationMethod } from "../src/core/quant/scheme.ts";
import type { EspdlTarget } from "../src/core/targets/target.ts";
import { offlineProgram, type PlacedModel } from "../src/engine/esp/chip-model.ts";
import type { Sample } from "../src/engine/esp/place/observe-samples.ts";
import { placeByError } from "../src/engine/esp/place/place-by-error.ts";
import { quantizeCompatibly } from "../src/engine/esp/place/quantize-esp.ts";
import { observeStatistics, referenceSamples } from "../src/engine/esp/place/reference-samples.ts";
import { decibels } from "../src/engine/esp/place/search-exponents.ts";
import { TrialTwin } from "../src/engine/esp/place/trial-twin.ts";
import { type Runtime, SILENT_JOB } from "../src/engine/ports.ts";

export interface HeldBackRequest {
  readonly model: Model;
  readonly samples: readonly Sample[];
  readonly target: EspdlTarget;
  readonly bits: 8 | 16;
  readonly methods: readonly CalibrationMethod[];
  /** Into how many parts the samples are divided: part i holds those whose number leaves i over. 4 if absent. */
  readonly parts?: number;
  /** How many parts are held back, one after another; all if absent. */
  readonly measured?: number;
  /** What the search may compute; its default if absent. */
  readonly work?: number;
}

export interface HeldBack {
  readonly rillDb: number;
  /** By method; NaN where the chip has no kernel for what ESP-PPQ makes. */
  readonly compatibleDb: Readonly<Record<string, number>>;
  /** Numbers at the outputs that were measured. */
  readonly numbers: number;
  /** Of the processor, for one placement in Rill's mode. */
  readonly seconds: number;
}

/** SQNR at the outputs on samples that calibration did not see, Rill's own mode and ESP-PPQ's, noise averaged over the parts. */
export async function heldBackSqnr(request: HeldBackRequest, runtime: Runtime): Promise<HeldBack> {
  const { model, samples, target, bits, methods, parts = 4, measured = parts, work } = request;
  const format = target.formats[bits];
  const references = await referenceSamples(model, samples, runtime, SILENT_JOB);
  let [rill, numbers, seconds] = [0, 0, 0];
  const compatible: Record<string, number> = Object.fromEntries(methods.map((m) => [m, 0]));
  for (let part = 0; part < measured; part++) {
    const calibration = samples.filter((_, i) => i % parts !== part);
    const held = references.filter((_, i) => i % parts === part);
    for (const { outputs } of held) for (const t of outputs.values()) numbers += sizeOf(t.dims);
    const noise = (placed: PlacedModel): number =>
      new TrialTwin(placed.dialect, format.rounding, held).run(offlineProgram(placed)).noise;
    const statistics = await observeStatistics(model, calibration, runtime, SILENT_JOB);
    const before = process.cpuUsage();
    const input = { model, format, statistics, samples: calibration, ...(work !== undefined && { work }) };
    const placed = await placeByError(input, runtime, SILENT_JOB);
    seconds += process.cpuUsage(before).user / 1e6;
    rill += noise(placed);
    for (const method of methods) {
      const asked = { model, format, method, samples: calibration };
      const own = await compatibleNoise(noise, () => quantizeCompatibly(asked, runtime, SILENT_JOB));
      compatible[method] = (compatible[method] ?? 0) + own;
    }
  }
  const mean = (sum: number): number => decibels(sum / measured);
  return {
    rillDb: mean(rill),
    compatibleDb: Object.fromEntries(Object.entries(compatible).map(([m, sum]) => [m, mean(sum)])),
    numbers,
    seconds: seconds / measured,
  };
}

async function compatibleNoise(
  noise: (placed: PlacedModel) => number,
  place: () => Promise<PlacedModel>,
): Promise<number> {
  try {
    return noise(await place());
  } catch (error) {
    if (error instanceof StudioError) return Number.NaN;
    throw error;
  }
}
