import type { Finding } from "../../../core/base/problem.ts";
import type { ValueName } from "../../../core/ir/graph.ts";
import type { ChipChoices } from "../../../core/quant/esp/joint/choice-trace.ts";
import { placementOf, type Raise } from "../../../core/quant/esp/joint/exponent-state.ts";
import type { JointGroups } from "../../../core/quant/esp/joint/joint-groups.ts";
import type { FormatOf } from "../../../core/quant/esp/slots-of.ts";
import type { Job, Runtime } from "../../ports.ts";
import type { PlacedModel } from "../chip-model.ts";
import { type BiasSearch, correctBiases } from "./correct-biases.ts";
import { type BenchInput, openBench } from "./error-bench.ts";
import { searchExponents } from "./search-exponents.ts";
import { type SearchProgress, searchBar } from "./search-progress.ts";

export interface ErrorPlacementInput extends BenchInput {
  /** Where single nodes have another width. */
  readonly formatOf?: FormatOf;
  /** Whether the bias of a value may be corrected; every one may if absent. */
  readonly mayCorrect?: (value: ValueName) => boolean;
  /** Multiplications and elements that the search may compute. */
  readonly work?: number;
}

export interface ErrorPlacement extends PlacedModel {
  readonly choices: ChipChoices;
  readonly findings: readonly Finding[];
}

export const DEFAULT_WORK = 2e9;

/**
 * Places exponents for the least error at the outputs: joint groups, started from statistics by several methods, then improved on the
 * device twin; within what the chip computes without overflow; then corrects biases. The same input gives the same placement on every
 * machine that runs the float model to the same bits. Throws `data.none`, `quant.noStatistics`, `target.noKernel`, `job.cancelled`.
 */
export async function placeByError(
  { formatOf, work = DEFAULT_WORK, mayCorrect, ...input }: ErrorPlacementInput,
  runtime: Runtime,
  job: Job<SearchProgress>,
): Promise<ErrorPlacement> {
  const bar = searchBar("fixed", job);
  const bench = await openBench(input, runtime, bar.job("float", job));
  const given = formatOf ?? (() => input.format);
  const problem = bench.problemOf(given);
  const found = await searchExponents(
    { ...problem, seeds: problem.seeds(), ownErrors: problem.ownErrors(), twin: bench.twin, work },
    bar.job("exponents", job),
  );
  const search = { bench, formatOf: given, found, work, ...(mayCorrect && { mayCorrect }) };
  return errorPlacement(search, problem.joint, runtime, bar.job("biases", job));
}

/** What was found, its biases corrected, as a placed model that tells how. */
export async function errorPlacement(
  search: BiasSearch,
  joint: JointGroups,
  runtime: Runtime,
  job: Job<number>,
): Promise<ErrorPlacement> {
  const { dialect, format } = search.bench;
  const { settled, trace } = search.found;
  const corrected = await correctBiases(search, runtime, job);
  return {
    dialect,
    placement: placementOf(joint, settled.state),
    format,
    compatible: false,
    ...(corrected.biases.size > 0 && { biases: corrected.biases }),
    choices: { exponents: trace, ...(corrected.biases.size > 0 && { biases: corrected.trace }) },
    findings: settled.raises.map(findingOf),
  };
}

function findingOf({ node, value, reason, from, to }: Raise): Finding {
  return { severity: "info", problem: { code: "quant.exponentRaised", node, value, reason, from, to } };
}
