import type { Finding } from "../../core/base/problem.ts";
import type { Graph, Model, ValueName } from "../../core/ir/graph.ts";
import { inferShapes } from "../../core/passes/infer-shapes.ts";
import { toEspdlDialect } from "../../core/program/dialect/espdl-dialect.ts";
import { runnableDialect } from "../../core/program/dialect/espdl-runnable.ts";
import { INSERT_ZEROS } from "../../core/program/dialect/zero-insertion.ts";
import { type LowerInput, lowerProgram } from "../../core/program/lower/lower-program.ts";
import type { Program } from "../../core/program/program.ts";
import { type Biases, withBiases } from "../../core/quant/esp/bias-correction.ts";
import { carryPlacement, modelInputs, storedInputs } from "../../core/quant/esp/carry-placement.ts";
import type { ChipChoices } from "../../core/quant/esp/joint/choice-trace.ts";
import type { NumberFormat } from "../../core/quant/esp/number-format.ts";
import { type ExponentPlacement, placeExponents } from "../../core/quant/esp/place-exponents.ts";
import type { FormatOf } from "../../core/quant/esp/slots-of.ts";
import { statisticExponent } from "../../core/quant/esp/statistic-exponent.ts";
import type { CalibrationMethod } from "../../core/quant/scheme.ts";
import type { Statistics } from "../../core/quant/statistic.ts";
import type { Module } from "../../core/stream/module.ts";

/** A quantized offline graph: what all programs of one plan are lowered from. */
export interface PlacedModel {
  readonly dialect: Model;
  readonly placement: ExponentPlacement;
  readonly format: NumberFormat;
  /** Reproduces ESP-PPQ, its missing requantizations included. */
  readonly compatible: boolean;
  /** In place of the dialect's own where integers are computed; the float model keeps its own. */
  readonly biases?: Biases;
  /** How a search came to this placement; absent where there was none. */
  readonly choices?: ChipChoices;
  /** What the chip's limits changed. */
  readonly findings?: readonly Finding[];
}

/** Places exponents from statistics of the float activations; `formatOf` gives single nodes another width. Throws `quant.noStatistics`. */
export function placeFromStatistics(
  model: Model,
  format: NumberFormat,
  statistics: Statistics,
  method: CalibrationMethod,
  formatOf: FormatOf = () => format,
): PlacedModel {
  const dialect = toEspdlDialect(model);
  // Zeros that the dialect puts in change no range.
  const widened = new Map(
    dialect.graph.nodes
      .filter((n) => n.op === INSERT_ZEROS || n.op === "Pad")
      .map((n) => [n.outputs[0] ?? "", n.inputs[0] ?? ""]),
  );
  const observed = (value: ValueName): ReturnType<Statistics["get"]> => {
    const source = widened.get(value);
    return statistics.get(value) ?? (source === undefined ? undefined : observed(source));
  };
  const placement = placeExponents({ graph: dialect.graph, formatOf }, ({ value, bits }) => {
    const statistic = observed(value);
    return statistic && statisticExponent(statistic, bits === 16 ? 16 : 8, method);
  });
  return { dialect, placement, format, compatible: false };
}

/** The whole model as one program. Every dim of the dialect must be concrete. */
export function offlineProgram({ dialect, placement, format, compatible, biases }: PlacedModel): Program {
  return lower(biased(dialect, biases), placement, format, compatible);
}

const biased = (dialect: Model, biases: Biases | undefined): Model =>
  biases ? withBiases(dialect, biases) : dialect;

/** One streaming module as a program: caches are inputs and outputs, with their values' exponents. */
export function moduleProgram(placed: PlacedModel, module: Module): Program {
  const { dialect, placement: offline, format, compatible, biases } = placed;
  const streaming = biased(toEspdlDialect({ ...dialect, graph: module.graph }), biases);
  const sourceOf = new Map(module.caches.map((c) => [c.input, c.value]));
  const carried = {
    graph: streaming.graph,
    offline: { graph: dialect.graph, placement: offline },
    sourceOf,
  };
  return lower(streaming, carryPlacement(carried), format, compatible, {
    storedInputs: storedInputs(carried),
    modelInputs: modelInputs(carried),
  });
}

function lower(
  dialect: Model,
  placement: ExponentPlacement,
  { rounding }: NumberFormat,
  compatible: boolean,
  inputs: Pick<LowerInput, "storedInputs" | "modelInputs"> = {},
): Program {
  const inference = inferShapes(runnableDialect(dialect));
  const dimsOf = (value: ValueName): number[] =>
    (inference.info(value).shape ?? []).map((d) => {
      if (typeof d !== "number") throw new Error(`${value} has no concrete dims`);
      return d;
    });
  const dtypeOf = (value: ValueName) => inference.info(value).dtype ?? "float32";
  const { graph } = dialect;
  return lowerProgram({ graph, placement, rounding, dimsOf, dtypeOf, compatible, ...inputs });
}

/** The placed model with its streaming inputs at a concrete length; nodes keep their slots. */
export function atLength(placed: PlacedModel, dims: ReadonlyMap<ValueName, readonly number[]>): PlacedModel {
  const { graph } = placed.dialect;
  const inputs = graph.inputs.map((v) => {
    const shape = dims.get(v.name);
    return shape ? { ...v, shape } : v;
  });
  const outputs = graph.outputs.map(({ name, dtype }) => ({ name, ...(dtype && { dtype }) }));
  const bound: Graph = { ...graph, inputs, outputs, values: new Map() };
  return { ...placed, dialect: { ...placed.dialect, graph: bound } };
}
