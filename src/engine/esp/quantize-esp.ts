import type { Model, ValueName } from "../../core/ir/graph.ts";
import { applyPatch } from "../../core/ir/patch.ts";
import { inferShapes } from "../../core/passes/infer-shapes.ts";
import { toEspdlDialect } from "../../core/program/dialect/espdl-dialect.ts";
import { runnableDialect } from "../../core/program/dialect/espdl-runnable.ts";
import { lowerProgram } from "../../core/program/lower/lower-program.ts";
import type { Program } from "../../core/program/program.ts";
import type { NumberFormat } from "../../core/quant/esp/number-format.ts";
import {
  calibratedValues,
  calibrationConstants,
  type ExponentPlacement,
  type PlacementInput,
  placeExponents,
} from "../../core/quant/esp/place-exponents.ts";
import type { CalibrationMethod } from "../../core/quant/scheme.ts";
import type { Job, Runtime } from "../ports.ts";
import { observeExponents, type Sample } from "./observe-samples.ts";

export interface CompatibleInput {
  /** Normalised, every dim concrete. */
  readonly model: Model;
  readonly format: NumberFormat;
  readonly method: CalibrationMethod;
  readonly samples: readonly Sample[];
}

export interface CompatibleQuantization {
  readonly dialect: Model;
  readonly placement: ExponentPlacement;
  readonly program: Program;
}

/**
 * Quantizes as ESP-PPQ 1.3.5 does with its default settings, integer for integer, and lowers the result. Throws
 * `target.noKernel` for a node without kernel, `quant.noStatistics`, `data.none`.
 */
export async function quantizeCompatibly(
  { model, format, method, samples }: CompatibleInput,
  runtime: Runtime,
  job: Job<{ readonly done: number; readonly total: number }>,
): Promise<CompatibleQuantization> {
  const dialect = toEspdlDialect(model);
  const input: PlacementInput = { graph: dialect.graph, formatOf: () => format };
  const constants = calibrationConstants(input, format.rounding);
  const observed = { ...dialect, graph: applyPatch(dialect.graph, { setInitializers: constants }) };
  const values = calibratedValues(input);
  const exponentOf = await observeExponents({ model: observed, values, samples, method }, runtime, job);
  const placement = placeExponents(input, exponentOf);
  return { dialect, placement, program: lowerPlaced(dialect, placement, format, true) };
}

/** The integer program of a placed graph. */
export function lowerPlaced(
  dialect: Model,
  placement: ExponentPlacement,
  { rounding }: NumberFormat,
  compatible: boolean,
): Program {
  const inference = inferShapes(runnableDialect(dialect));
  const dimsOf = (value: ValueName): number[] =>
    (inference.info(value).shape ?? []).map((d) => {
      if (typeof d !== "number") throw new Error(`${value} has no concrete dims`);
      return d;
    });
  const dtypeOf = (value: ValueName) => inference.info(value).dtype ?? "float32";
  return lowerProgram({ graph: dialect.graph, placement, rounding, dimsOf, dtypeOf, compatible });
}
