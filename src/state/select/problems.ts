import type { Problem } from "../../core/base/problem.ts";
import type { StageName } from "../stages.ts";
import type { StepId } from "../view.ts";
import type { Answers } from "./answers.ts";
import { clipFindings } from "./clip-findings.ts";

/** One line of the problems list. */
export interface ProblemRow {
  readonly severity: "error" | "warning" | "info";
  readonly problem: Problem;
  readonly step: StepId;
}

const STEP_OF: Readonly<Partial<Record<StageName, StepId>>> = {
  open: "model",
  analyse: "axis",
  convert: "caches",
  inspect: "audio",
  calibrate: "calibrate",
  compare: "results",
  package: "export",
};

const ORDER = ["open", "analyse", "convert", "inspect", "calibrate", "compare", "package"] as const;

/** Everything that is wrong or worth knowing, each once, in the order of the steps. */
export function problemRows(answers: Answers): readonly ProblemRow[] {
  const rows: ProblemRow[] = [];
  const seen = new Set<string>();
  const add = (row: ProblemRow) => {
    const key = JSON.stringify(row.problem);
    if (!seen.has(key)) rows.push(row);
    seen.add(key);
  };
  for (const name of ORDER) {
    const step = STEP_OF[name] ?? "model";
    const { failure } = answers[name];
    if (failure?.kind === "problem") add({ severity: "error", problem: failure.problem, step });
    for (const finding of findingsOf(answers, name)) add({ ...finding, step });
  }
  return rows;
}

function findingsOf(answers: Answers, name: (typeof ORDER)[number]) {
  switch (name) {
    case "open":
      return answers.open.result?.findings ?? [];
    case "analyse":
      return [...(answers.analyse.result?.refusals ?? []), ...(answers.analyse.result?.findings ?? [])];
    case "convert":
      return answers.convert.result?.findings ?? [];
    case "compare":
      return answers.compare.result?.quantization.findings ?? [];
    case "inspect":
      return clipFindings(answers.inspect.result ?? [], answers);
    default:
      return [];
  }
}
