import type { Model } from "../../../core/ir/graph.ts";
import { applyPatch } from "../../../core/ir/patch.ts";
import { toEspdlDialect } from "../../../core/program/dialect/espdl-dialect.ts";
import { simulateRecurrences } from "../../../core/program/dialect/recurrent-simulation.ts";
import type { NumberFormat } from "../../../core/quant/esp/number-format.ts";
import { isTabled } from "../../../core/quant/esp/op-roles.ts";
import {
  calibratedValues,
  calibrationConstants,
  type ExponentPlacement,
  type PlacementInput,
  placeExponents,
} from "../../../core/quant/esp/place-exponents.ts";
import type { FormatOf } from "../../../core/quant/esp/slots-of.ts";
import type { CalibrationMethod } from "../../../core/quant/scheme.ts";
import type { Job, Runtime } from "../../ports.ts";
import type { PlacedModel } from "../chip-model.ts";
import { observeExponents, type Sample } from "./observe-samples.ts";

export interface CompatibleInput {
  /** Normalised, every dim concrete. */
  readonly model: Model;
  readonly format: NumberFormat;
  /** Where single nodes have another width. */
  readonly formatOf?: FormatOf;
  readonly method: CalibrationMethod;
  readonly samples: readonly Sample[];
}

/**
 * Quantizes as ESP-PPQ 1.3.5 does with its default settings, integer for integer. Throws `quant.noStatistics`, `data.none`.
 */
export async function quantizeCompatibly(
  { model, format, formatOf = () => format, method, samples }: CompatibleInput,
  runtime: Runtime,
  job: Job<{ readonly done: number; readonly total: number }>,
): Promise<PlacedModel> {
  const dialect = toEspdlDialect(model);
  const compatible = { dialect, format, formatOf, method, samples };
  const placement = await placeCompatibly(compatible, runtime, job);
  return { dialect, placement, format, compatible: true };
}

/** The exponents that ESP-PPQ chooses for a model in the dialect of ESP-DL. Throws `quant.noStatistics`, `data.none`. */
export async function placeCompatibly(
  {
    dialect,
    format,
    formatOf,
    method,
    samples,
  }: Omit<Required<CompatibleInput>, "model"> & { readonly dialect: Model },
  runtime: Runtime,
  job: Job<{ readonly done: number; readonly total: number }>,
): Promise<ExponentPlacement> {
  // What has a table only stays in float there.
  const input: PlacementInput = {
    graph: dialect.graph,
    formatOf: (node) => (isTabled(node.op) ? undefined : formatOf(node)),
  };
  const constants = calibrationConstants(input, format.rounding);
  const quantized = { ...dialect, graph: applyPatch(dialect.graph, { setInitializers: constants }) };
  const observed = simulateRecurrences(quantized, format.rounding);
  const values = calibratedValues(input);
  const exponentOf = await observeExponents({ model: observed, values, samples, method }, runtime, job);
  return placeExponents(input, exponentOf);
}
