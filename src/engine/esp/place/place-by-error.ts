import type { Finding } from "../../../core/base/problem.ts";
import type { Model } from "../../../core/ir/graph.ts";
import { toEspdlDialect } from "../../../core/program/dialect/espdl-dialect.ts";
import { ChipLimits } from "../../../core/quant/esp/joint/chip-limits.ts";
import { consistentWidths } from "../../../core/quant/esp/joint/consistent-widths.ts";
import { placementOf, type Raise } from "../../../core/quant/esp/joint/exponent-state.ts";
import { type FirstChoice, firstExponents } from "../../../core/quant/esp/joint/first-exponents.ts";
import { jointGroups } from "../../../core/quant/esp/joint/joint-groups.ts";
import type { NumberFormat } from "../../../core/quant/esp/number-format.ts";
import type { FormatOf } from "../../../core/quant/esp/slots-of.ts";
import { mergeStatistics } from "../../../core/quant/observe.ts";
import type { Statistics } from "../../../core/quant/statistic.ts";
import type { Job, Runtime } from "../../ports.ts";
import type { PlacedModel } from "../chip-model.ts";
import { louderSamples } from "./louder-samples.ts";
import type { Sample } from "./observe-samples.ts";
import { observeStatistics, referenceSamples } from "./reference-samples.ts";
import { decibels, type ExponentStep, searchExponents } from "./search-exponents.ts";
import { TrialTwin } from "./trial-twin.ts";

export interface ErrorPlacementInput {
  /** Normalised, every dim concrete: those of the samples. */
  readonly model: Model;
  readonly format: NumberFormat;
  /** Where single nodes have another width. */
  readonly formatOf?: FormatOf;
  /** Of the float values, over all calibration data. */
  readonly statistics: Statistics;
  /** Some of the calibration data: what the search measures on. At least one. */
  readonly samples: readonly Sample[];
  /** Multiplications and elements that the search may compute. */
  readonly work?: number;
}

/** How the exponents came about, to be shown. SQNR is over all outputs, on the samples and a louder copy of the loudest. */
export interface ExponentTrace {
  readonly seeds: readonly { readonly name: string; readonly sqnrDb: number }[];
  readonly steps: readonly ExponentStep[];
  readonly sqnrDb: number;
  readonly trials: number;
  /** False if the work was used up before no single change helped. */
  readonly converged: boolean;
}

export interface ErrorPlacement extends PlacedModel {
  readonly trace: ExponentTrace;
  /** What the chip's limits changed. */
  readonly findings: readonly Finding[];
}

const DEFAULT_WORK = 2e9;

const SEEDS: readonly { readonly name: string; readonly choice: FirstChoice }[] = [
  { name: "minmax", choice: { activations: "minmax", constants: "minmax" } },
  { name: "mse", choice: { activations: "mse", constants: "mse" } },
  { name: "kl", choice: { activations: "kl", constants: "minmax" } },
];

/**
 * Places exponents for the least error at the outputs: joint groups, started from statistics by several methods, then improved on the
 * device twin; within what the chip computes without overflow. The same input gives the same placement on every machine that runs
 * the float model to the same bits. Throws `data.none`, `quant.noStatistics`, `target.noKernel`, `job.cancelled`.
 */
export async function placeByError(
  { model, format, formatOf = () => format, statistics, samples, work = DEFAULT_WORK }: ErrorPlacementInput,
  runtime: Runtime,
  job: Job<{ readonly done: number; readonly total: number }>,
): Promise<ErrorPlacement> {
  const dialect = toEspdlDialect(model);
  const joint = jointGroups({ graph: dialect.graph, formatOf: consistentWidths(dialect.graph, formatOf) });
  const limits = new ChipLimits(joint, (value) => {
    const statistic = statistics.get(value);
    return statistic && { low: statistic.min, high: statistic.max };
  });
  const louder = louderSamples(samples, format.bits);
  const loud = louder.map((l) => l.sample);
  const references = await referenceSamples(model, [...samples, ...loud], runtime, job);
  const weighted = references.map((r, i) => ({ ...r, weight: louder[i - samples.length]?.weight ?? 1 }));
  const headroom = merged(statistics, await observeStatistics(model, loud, runtime, job));
  const { rounding } = format;
  const seeds = SEEDS.map(({ name, choice }) => ({
    name,
    state: firstExponents(joint, statistics, choice, rounding),
  }));
  const wide: FirstChoice = { activations: "minmax", constants: "minmax" };
  seeds.push({ name: "headroom", state: firstExponents(joint, headroom, wide, rounding) });
  const twin = new TrialTwin(dialect, rounding, weighted);
  const { settled, trial, ...found } = await searchExponents({ joint, limits, twin, seeds, work }, job);
  return {
    dialect,
    placement: placementOf(joint, settled.state),
    format,
    compatible: false,
    findings: settled.raises.map(findingOf),
    trace: { ...found, sqnrDb: decibels(trial.noise) },
  };
}

function merged(a: Statistics, b: Statistics): Statistics {
  const all = new Map(a);
  for (const [name, statistic] of b) {
    const known = a.get(name);
    all.set(name, known ? mergeStatistics(known, statistic) : statistic);
  }
  return all;
}

function findingOf({ node, value, reason, from, to }: Raise): Finding {
  return { severity: "info", problem: { code: "quant.exponentRaised", node, value, reason, from, to } };
}
