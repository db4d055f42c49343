import type { Finding } from "../core/base/problem.ts";
import {
  biasTable,
  type ChoiceTable,
  raiseTable,
  widthSummary,
  widthTable,
} from "../core/export/chip-choices.ts";
import type { ChipChoices } from "../core/quant/esp/joint/choice-trace.ts";
import type { SearchPart, SearchProgress } from "../engine/esp/place/search-progress.ts";
import { columns } from "./terminal.ts";

const PARTS: Readonly<Record<SearchPart, string>> = {
  float: "what the float model answers",
  exponents: "exponents",
  widths: "16 bits where they pay",
  refine: "exponents for these widths",
  biases: "biases",
};

/** How far a search is, in one line. */
export function searchLine({ part, portion }: SearchProgress): string {
  return `searching, about ${Math.round(100 * portion)} %: ${PARTS[part]}`;
}

/** What a chip's limits raised, where a budget put 16 bits, which biases were corrected: nothing where there is none. */
export function choicesText(choices: ChipChoices | undefined, findings: readonly Finding[]): string {
  const raised = raiseTable(findings);
  return [
    raised.rows.length > 0 ? `exponents that the chip's limits raised:\n${tableText(raised)}` : "",
    choices?.widths
      ? `${widthSummary(choices.widths).join("\n")}\n${tableText(widthTable(choices.widths))}`
      : "",
    choices?.biases ? `${biasTable(choices.biases).summary}\n` : "",
  ].join("");
}

function tableText({ head, rows }: ChoiceTable): string {
  return rows.length > 0 ? columns([head, ...rows]) : "";
}
