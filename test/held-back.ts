import type { Model } from "../src/core/ir/graph.ts";
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

/** Every sample is held back once: part i holds those whose number leaves i over. */
const PARTS = 4;

export interface HeldBackRequest {
  readonly model: Model;
  readonly samples: readonly Sample[];
  readonly target: EspdlTarget;
  readonly bits: 8 | 16;
  readonly methods: readonly CalibrationMethod[];
}

export interface HeldBack {
  readonly rillDb: number;
  /** By method; NaN where the chip has no kernel for what ESP-PPQ makes. */
  readonly compatibleDb: Readonly<Record<string, number>>;
}

/** SQNR at the outputs on samples that calibration did not see, Rill's own mode and ESP-PPQ's, noise averaged over the parts. */
export async function heldBackSqnr(request: HeldBackRequest, runtime: Runtime): Promise<HeldBack> {
  const { model, samples, target, bits, methods } = request;
  const format = target.formats[bits];
  const references = await referenceSamples(model, samples, runtime, SILENT_JOB);
  let rill = 0;
  const compatible: Record<string, number> = Object.fromEntries(methods.map((m) => [m, 0]));
  for (let part = 0; part < PARTS; part++) {
    const calibration = samples.filter((_, i) => i % PARTS !== part);
    const held = references.filter((_, i) => i % PARTS === part);
    const noise = (placed: PlacedModel): number =>
      new TrialTwin(placed.dialect, format.rounding, held).run(offlineProgram(placed)).noise;
    const statistics = await observeStatistics(model, calibration, runtime, SILENT_JOB);
    rill += noise(
      await placeByError({ model, format, statistics, samples: calibration }, runtime, SILENT_JOB),
    );
    for (const method of methods) {
      const request = { model, format, method, samples: calibration };
      compatible[method] =
        (compatible[method] ?? 0) + noise(await quantizeCompatibly(request, runtime, SILENT_JOB));
    }
  }
  const mean = (sum: number): number => decibels(sum / PARTS);
  return {
    rillDb: mean(rill),
    compatibleDb: Object.fromEntries(Object.entries(compatible).map(([m, sum]) => [m, mean(sum)])),
  };
}
