import type { Finding } from "../../../core/base/problem.ts";
import type { ChipChoices } from "../../../core/quant/esp/joint/choice-trace.ts";
import { placementOf, type Raise } from "../../../core/quant/esp/joint/exponent-state.ts";
import type { JointGroups } from "../../../core/quant/esp/joint/joint-groups.ts";
import type { FormatOf } from "../../../core/quant/esp/slots-of.ts";
import type { Job, Runtime } from "../../ports.ts";
import type { PlacedModel } from "../chip-model.ts";
import { type BenchInput, type ErrorBench, openBench } from "./error-bench.ts";
import { type FoundExponents, searchExponents } from "./search-exponents.ts";

export interface ErrorPlacementInput extends BenchInput {
  /** Where single nodes have another width. */
  readonly formatOf?: FormatOf;
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
 * device twin; within what the chip computes without overflow. The same input gives the same placement on every machine that runs
 * the float model to the same bits. Throws `data.none`, `quant.noStatistics`, `target.noKernel`, `job.cancelled`.
 */
export async function placeByError(
  { formatOf, work = DEFAULT_WORK, ...input }: ErrorPlacementInput,
  runtime: Runtime,
  job: Job<{ readonly done: number; readonly total: number }>,
): Promise<ErrorPlacement> {
  const bench = await openBench(input, runtime, job);
  const problem = bench.problemOf(formatOf ?? (() => input.format));
  const found = await searchExponents(
    { ...problem, seeds: problem.seeds(), ownErrors: problem.ownErrors(), twin: bench.twin, work },
    job,
  );
  return errorPlacement(bench, problem.joint, found);
}

/** What was found, as a placed model that tells how. */
export function errorPlacement(
  { dialect, format }: ErrorBench,
  joint: JointGroups,
  { settled, trace }: FoundExponents,
): ErrorPlacement {
  return {
    dialect,
    placement: placementOf(joint, settled.state),
    format,
    compatible: false,
    choices: { exponents: trace },
    findings: settled.raises.map(findingOf),
  };
}

function findingOf({ node, value, reason, from, to }: Raise): Finding {
  return { severity: "info", problem: { code: "quant.exponentRaised", node, value, reason, from, to } };
}
