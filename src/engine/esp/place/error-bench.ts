import type { Model } from "../../../core/ir/graph.ts";
import { sizeOf } from "../../../core/ir/tensor.ts";
import { rulesFor } from "../../../core/ops/catalogue.ts";
import { knownDims } from "../../../core/ops/rules/operand.ts";
import { inferShapes } from "../../../core/passes/infer-shapes.ts";
import { toEspdlDialect } from "../../../core/program/dialect/espdl-dialect.ts";
import { type Biases, withBiases } from "../../../core/quant/esp/bias-correction.ts";
import { ChipLimits } from "../../../core/quant/esp/joint/chip-limits.ts";
import { consistentWidths } from "../../../core/quant/esp/joint/consistent-widths.ts";
import { type ExponentState, stateOf } from "../../../core/quant/esp/joint/exponent-state.ts";
import { type FirstChoice, firstExponents } from "../../../core/quant/esp/joint/first-exponents.ts";
import { type JointGroups, jointGroups } from "../../../core/quant/esp/joint/joint-groups.ts";
import { OwnErrors } from "../../../core/quant/esp/joint/own-error.ts";
import type { NumberFormat } from "../../../core/quant/esp/number-format.ts";
import type { ExponentPlacement } from "../../../core/quant/esp/place-exponents.ts";
import type { FormatOf } from "../../../core/quant/esp/slots-of.ts";
import { mergeStatistics } from "../../../core/quant/observe.ts";
import type { CalibrationMethod } from "../../../core/quant/scheme.ts";
import type { Statistics } from "../../../core/quant/statistic.ts";
import { type Job, type Runtime, unreported } from "../../ports.ts";
import { louderSamples, nearSamples } from "./louder-samples.ts";
import type { Sample } from "./observe-samples.ts";
import { placeCompatibly } from "./quantize-esp.ts";
import { observeStatistics, referenceSamples } from "./reference-samples.ts";
import type { ExponentSeed } from "./search-exponents.ts";
import { type ReferenceSample, TrialTwin } from "./trial-twin.ts";

export interface BenchInput {
  /** Normalised, every dim concrete: those of the samples. */
  readonly model: Model;
  readonly format: NumberFormat;
  /** Of the float values, over all calibration data. */
  readonly statistics: Statistics;
  /** Some of the calibration data: what is measured on. At least one. */
  readonly samples: readonly Sample[];
}

/** The free exponents under one choice of widths: which there are, what the chip allows, where to start. */
export interface ExponentProblem {
  readonly joint: JointGroups;
  readonly limits: ChipLimits;
  /** Exponents that hold everything, the louder copy too. Throws `quant.noStatistics`. */
  covering(): ExponentState;
  /** By several methods. Throws `quant.noStatistics`. */
  seeds(): ExponentSeed[];
  ownErrors(): OwnErrors;
}

/** What all searches on one model share: its dialect, and the twin over the samples with what float answers to them. */
export interface ErrorBench {
  readonly dialect: Model;
  readonly format: NumberFormat;
  readonly samples: readonly ReferenceSample[];
  readonly twin: TrialTwin;
  /** The problem under these widths, brought to what the chip can run. */
  problemOf(formatOf: FormatOf): ExponentProblem;
  /** The same with other biases; float answers stay those of the model. */
  corrected(biases: Biases): ErrorBench;
}

const WIDE: FirstChoice = { activations: "minmax", constants: "minmax" };
const SEEDS: readonly { readonly name: string; readonly choice: FirstChoice }[] = [
  { name: "mse", choice: { activations: "mse", constants: "mse" } },
  { name: "kl", choice: { activations: "kl", constants: "minmax" } },
];
/** What copies of the samples may cost in one trial. */
const NEAR_WORK = 2e7;
/** Of ESP-PPQ, as places to start. At 16 bits its KL clips far too much to be one. */
const THEIR_METHODS = { 8: ["kl", "minmax"], 16: ["minmax"] } as const;

/**
 * Runs the float model over the samples and a louder copy of each; reports the portion of its runs that is done. Throws `data.none`,
 * `job.cancelled`.
 */
export async function openBench(
  { model, format, statistics, samples }: BenchInput,
  runtime: Runtime,
  job: Job<number>,
): Promise<ErrorBench> {
  const methods = THEIR_METHODS[format.bits];
  const parts = 3 + methods.length;
  job.report(0);
  const dialect = toEspdlDialect(model);
  const louder = louderSamples(samples, format.bits);
  const loud = louder.map((l) => l.sample);
  const answered = await referenceSamples(model, samples, runtime, job);
  job.report(1 / parts);
  const made = [...(answered[0]?.outputs.values() ?? [])].reduce((n, t) => n + sizeOf(t.dims), 0);
  const near = nearSamples(samples, made, NEAR_WORK / modelWork(model));
  const more = await referenceSamples(model, [...near, ...loud], runtime, job);
  job.report(2 / parts);
  const weighted = [
    ...answered,
    ...more.map((r, i) => {
      const weight = louder[i - near.length]?.weight;
      return weight === undefined ? r : { ...r, weight };
    }),
  ];
  const headroom = merged(statistics, await observeStatistics(model, loud, runtime, job));
  const theirs: (readonly [CalibrationMethod, ExponentPlacement])[] = [];
  for (const method of methods) {
    job.report((3 + theirs.length) / parts);
    const compatible = { dialect, format, formatOf: () => format, method, samples };
    theirs.push([method, await placeCompatibly(compatible, runtime, unreported(job))]);
  }
  const twin = new TrialTwin(dialect, format.rounding, weighted);
  return benchOf({ dialect, format, statistics, headroom, samples: weighted, theirs, twin });
}

interface BenchData extends Pick<ErrorBench, "dialect" | "format" | "samples" | "twin"> {
  readonly statistics: Statistics;
  /** Of the louder copies too. */
  readonly headroom: Statistics;
  readonly theirs: readonly (readonly [CalibrationMethod, ExponentPlacement])[];
}

function benchOf(data: BenchData): ErrorBench {
  const { dialect, format, samples, twin, statistics, headroom, theirs } = data;
  const { rounding } = format;
  return {
    ...{ dialect, format, samples, twin },
    problemOf: (formatOf) => {
      const joint = jointGroups({
        graph: dialect.graph,
        formatOf: consistentWidths(dialect.graph, formatOf),
      });
      const limits = new ChipLimits(joint, (value) => {
        const statistic = statistics.get(value);
        return statistic && { low: statistic.min, high: statistic.max };
      });
      const covering = () => firstExponents(joint, headroom, WIDE, rounding);
      const seeds = (): ExponentSeed[] => {
        const wide = covering();
        return [
          { name: "minmax", state: firstExponents(joint, statistics, WIDE, rounding), clips: false },
          { name: "headroom", state: wide, clips: false },
          ...SEEDS.map(({ name, choice }) => ({
            ...{ name, clips: true },
            state: firstExponents(joint, statistics, choice, rounding),
          })),
          ...theirs.map(([method, placement]) => ({
            ...{ name: `esp-ppq ${method}`, clips: method !== "minmax" },
            state: stateOf(joint, placement, wide),
          })),
        ];
      };
      const ownErrors = () => new OwnErrors(joint, headroom, rounding);
      return { joint, limits, covering, seeds, ownErrors };
    },
    corrected(biases) {
      const model = withBiases(dialect, biases);
      return benchOf({ ...data, dialect: model, twin: twin.withDialect(model) });
    },
  };
}

/** Products and elements of one run. */
function modelWork(model: Model): number {
  const inference = inferShapes(model);
  const info = inference.info;
  return model.graph.nodes.reduce((work, node) => {
    const outputs = node.outputs.map(info);
    const operands = node.inputs.map((name) => (name === "" ? undefined : info(name)));
    const macs = rulesFor(node)?.cost?.(operands, outputs).macs ?? 0;
    const elements = knownDims(outputs[0]?.shape);
    return work + macs + (elements ? sizeOf(elements) : 0);
  }, 1);
}

function merged(a: Statistics, b: Statistics): Statistics {
  const all = new Map(a);
  for (const [name, statistic] of b) {
    const known = a.get(name);
    all.set(name, known ? mergeStatistics(known, statistic) : statistic);
  }
  return all;
}
