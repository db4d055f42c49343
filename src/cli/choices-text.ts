import type { Finding } from "../core/base/problem.ts";
import {
  biasTable,
  type ChoiceTable,
  raiseTable,
  widthSummary,
  widthTable,
} from "../core/export/chip-choices.ts";
import type { ChipChoices } from "../core/quant/esp/joint/choice-trace.ts";
import { columns } from "./terminal.ts";

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
