import type { Finding, RaiseReason } from "../base/problem.ts";
import type {
  BiasTrace,
  ChipCost,
  ExponentTrace,
  WidthStep,
  WidthStop,
  WidthTrace,
} from "../quant/esp/joint/choice-trace.ts";
import type { WidthBudget } from "../quant/esp/width-budget.ts";
import { counted, decibels, grouped, kilobytes } from "./numbers.ts";

/** Rows of text, told in the same words in the report and on a terminal. */
export interface ChoiceTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const MOST_NODES = 3;

/** What was made 16 bits wide, in the order in which it paid: what, why, what it gained, what it cost, what is left of the budget. */
export function widthTable({ budget, base, steps }: WidthTrace): ChoiceTable {
  return {
    head: ["16 bits", "because of", "gained", "SQNR then", "memory", "cycles", "budget left"],
    rows: steps.map((step) => [
      nodesText(step),
      step.why === "node" ? "its own rounding" : `${WHY[step.why]} ${step.about}`,
      `+${decibels(step.afterDb - step.beforeDb)}`,
      decibels(step.afterDb),
      `× ${factor(step.after.bytes, base.cost.bytes)}`,
      `× ${factor(step.after.cycles, base.cost.cycles)}`,
      leftText(budget, base.cost, step.after),
    ]),
  };
}

/** What the search of widths came from and to, and why it stopped, one sentence each. */
export function widthSummary({ budget, base, sqnrDb, cost, trials, stopped }: WidthTrace): string[] {
  const numbers = (db: number, { bytes, cycles }: ChipCost): string =>
    `${decibels(db)}, ${kilobytes(bytes)}, about ${grouped(Math.round(cycles))} cycles`;
  return [
    `Budget for 16 bits: ${budgetText(budget)}.`,
    `Without: ${numbers(base.sqnrDb, base.cost)}. With: ${numbers(sqnrDb, cost)}, after ${counted(trials, "trial")}.`,
    `Stopped: ${STOPPED[stopped]}.`,
    "Memory is parameters, caches and activations. Cycles are estimated from operations: they hold widths against each other and are no latency.",
  ];
}

/** Exponents that the chip's limits raised; channels of a filter to which the same happened share a row. */
export function raiseTable(findings: readonly Finding[]): ChoiceTable {
  const rows = new Map<string, { cells: readonly [string, string, string, string]; count: number }>();
  for (const { problem } of findings) {
    if (problem.code !== "quant.exponentRaised") continue;
    const { node, value, from, to, reason } = problem;
    const cells = [node, value, `${from} → ${to}`, RAISED[reason]] as const;
    const key = cells.join("\n");
    rows.set(key, { cells, count: (rows.get(key)?.count ?? 0) + 1 });
  }
  return {
    head: ["node", "value", "exponent", "because"],
    rows: [...rows.values()].map(({ cells: [node, value, change, because], count }) => [
      node,
      value,
      count > 1 ? `${change} in ${count} channels` : change,
      because,
    ]),
  };
}

/** Where the search of exponents started, and every change that it kept. */
export function exponentTable({ seeds, steps, sqnrDb, trials, converged }: ExponentTrace): {
  readonly summary: string;
  readonly steps: ChoiceTable;
} {
  const started = seeds.map(({ name, sqnrDb: db }) => `${name} ${decibels(db)}`).join(", ");
  const ended = converged ? "no single change helps" : "the search had done all the work it may do";
  return {
    summary: `Started from the best of ${started}; ended at ${decibels(sqnrDb)} over all outputs, after ${counted(trials, "trial")}: ${ended}.`,
    steps: {
      head: ["changed", "exponent", "SQNR before", "SQNR after"],
      rows: steps.map(({ values, from, to, beforeDb, afterDb }) => [
        values.join(", "),
        `${from} → ${to}`,
        decibels(beforeDb),
        decibels(afterDb),
      ]),
    },
  };
}

/** Biases that took up what rounding shifts on average, each with the value whose bias it is. */
export function biasTable({ steps, tried, sqnrDb }: BiasTrace): {
  readonly summary: string;
  readonly steps: ChoiceTable;
} {
  const from = decibels(steps[0]?.beforeDb ?? sqnrDb);
  return {
    summary: `Biases corrected by what rounding shifts on average: ${steps.length} of ${tried}, ${from} → ${decibels(sqnrDb)} over all outputs.`,
    steps: {
      head: ["bias of", "SQNR before", "SQNR after"],
      rows: steps.map(({ value, beforeDb, afterDb }) => [value, decibels(beforeDb), decibels(afterDb)]),
    },
  };
}

const WHY = { value: "the value", rest: "all from" } as const;

const STOPPED: Readonly<Record<WidthStop, string>> = {
  budget: "what is left costs more than what is left of the budget",
  gain: "nothing that is left gains enough",
  work: "the search had done all the work it may do",
  all: "everything that can be is 16 bits wide",
};

const RAISED: Readonly<Record<RaiseReason, string>> = {
  negativeShift: "the product of the inputs is coarser still",
  biasRange: "the bias would not fit its width",
  sumRange: "sums could pass the accumulator",
  hugeShift: "the sum would be shifted away",
  exponentRange: "the runtime knows no smaller scale",
};

function nodesText({ nodes }: WidthStep): string {
  const named = nodes.slice(0, MOST_NODES).map(({ node, op }) => `${op} ${node}`);
  const more = nodes.length - named.length;
  return [...named, ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

function budgetText({ bytes, cycles }: WidthBudget): string {
  const limits = [
    ...(bytes === undefined ? [] : [`memory at most × ${bytes}`]),
    ...(cycles === undefined ? [] : [`cycles at most × ${cycles}`]),
  ];
  return limits.length > 0 ? limits.join(", ") : "unlimited";
}

function leftText(budget: WidthBudget, base: ChipCost, now: ChipCost): string {
  const left = (["bytes", "cycles"] as const).flatMap((of) => {
    const most = budget[of];
    if (most === undefined) return [];
    const name = of === "bytes" ? "memory" : "cycles";
    return [`${name} ${Math.floor(100 * (most - now[of] / base[of]))} %`];
  });
  return left.length > 0 ? left.join(", ") : "unlimited";
}

const factor = (now: number, before: number): string => (now / before).toFixed(2);
