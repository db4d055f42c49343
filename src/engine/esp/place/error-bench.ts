import type { Model } from "../../../core/ir/graph.ts";
import { toEspdlDialect } from "../../../core/program/dialect/espdl-dialect.ts";
import { ChipLimits } from "../../../core/quant/esp/joint/chip-limits.ts";
import { consistentWidths } from "../../../core/quant/esp/joint/consistent-widths.ts";
import type { ExponentState } from "../../../core/quant/esp/joint/exponent-state.ts";
import { type FirstChoice, firstExponents } from "../../../core/quant/esp/joint/first-exponents.ts";
import { type JointGroups, jointGroups } from "../../../core/quant/esp/joint/joint-groups.ts";
import type { NumberFormat } from "../../../core/quant/esp/number-format.ts";
import type { FormatOf } from "../../../core/quant/esp/slots-of.ts";
import { mergeStatistics } from "../../../core/quant/observe.ts";
import type { Statistics } from "../../../core/quant/statistic.ts";
import type { Job, Runtime } from "../../ports.ts";
import { louderSamples } from "./louder-samples.ts";
import type { Sample } from "./observe-samples.ts";
import { observeStatistics, referenceSamples } from "./reference-samples.ts";
import { TrialTwin } from "./trial-twin.ts";

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
  readonly seeds: readonly { readonly name: string; readonly state: ExponentState }[];
}

/** What all searches on one model share: its dialect, and the twin over the samples with what float answers to them. */
export interface ErrorBench {
  readonly dialect: Model;
  readonly format: NumberFormat;
  readonly twin: TrialTwin;
  /** The problem under these widths, brought to what the chip can run. Throws `quant.noStatistics`. */
  problemOf(formatOf: FormatOf): ExponentProblem;
}

const SEEDS: readonly { readonly name: string; readonly choice: FirstChoice }[] = [
  { name: "minmax", choice: { activations: "minmax", constants: "minmax" } },
  { name: "mse", choice: { activations: "mse", constants: "mse" } },
  { name: "kl", choice: { activations: "kl", constants: "minmax" } },
];
const WIDE: FirstChoice = { activations: "minmax", constants: "minmax" };

/** Runs the float model over the samples and a louder copy of the loudest. Throws `data.none`, `job.cancelled`. */
export async function openBench(
  { model, format, statistics, samples }: BenchInput,
  runtime: Runtime,
  job: Job<unknown>,
): Promise<ErrorBench> {
  const dialect = toEspdlDialect(model);
  const louder = louderSamples(samples, format.bits);
  const loud = louder.map((l) => l.sample);
  const references = await referenceSamples(model, [...samples, ...loud], runtime, job);
  const weighted = references.map((r, i) => ({ ...r, weight: louder[i - samples.length]?.weight ?? 1 }));
  const headroom = merged(statistics, await observeStatistics(model, loud, runtime, job));
  const { rounding } = format;
  return {
    dialect,
    format,
    twin: new TrialTwin(dialect, rounding, weighted),
    problemOf: (formatOf) => {
      const joint = jointGroups({
        graph: dialect.graph,
        formatOf: consistentWidths(dialect.graph, formatOf),
      });
      const limits = new ChipLimits(joint, (value) => {
        const statistic = statistics.get(value);
        return statistic && { low: statistic.min, high: statistic.max };
      });
      const seeds = SEEDS.map(({ name, choice }) => ({
        name,
        state: firstExponents(joint, statistics, choice, rounding),
      }));
      seeds.push({ name: "headroom", state: firstExponents(joint, headroom, WIDE, rounding) });
      return { joint, limits, seeds };
    },
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
