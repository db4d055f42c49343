import type { Finding } from "../base/problem.ts";
import type { ChipChoices } from "../quant/esp/joint/choice-trace.ts";
import {
  biasTable,
  type ChoiceTable,
  exponentTable,
  raiseTable,
  widthSummary,
  widthTable,
} from "./chip-choices.ts";
import { html, type Markup, table } from "./html.ts";

/** How a chip's widths and exponents were found, and what its limits changed; nothing if neither is known. */
export function choicesSection(
  choices: ChipChoices | undefined,
  findings: readonly Finding[],
): Markup | undefined {
  const raised = raiseTable(findings);
  const parts = [
    choices?.widths && widthsPart(choices.widths),
    choices && exponentsPart(choices.exponents),
    choices?.biases && biasesPart(choices.biases),
    raised.rows.length > 0
      ? html`<h3>Exponents that the chip's limits raised</h3>\n${tableOf(raised)}`
      : undefined,
  ].filter((part) => part !== undefined);
  if (parts.length === 0) return undefined;
  return html`<section>
<h2>Widths and exponents</h2>
${parts}</section>
`;
}

const tableOf = ({ head, rows }: ChoiceTable): Markup => table(head, rows);

function widthsPart(widths: NonNullable<ChipChoices["widths"]>): Markup {
  return html`<h3>Where 16 bits pay</h3>
${widthSummary(widths).map((line) => html`<p>${line}</p>\n`)}${tableOf(widthTable(widths))}`;
}

function exponentsPart(exponents: ChipChoices["exponents"]): Markup {
  const { summary, steps } = exponentTable(exponents);
  return html`<h3>Exponents</h3>
<p>${summary}</p>
${tableOf(steps)}`;
}

function biasesPart(biases: NonNullable<ChipChoices["biases"]>): Markup {
  const { summary, steps } = biasTable(biases);
  return html`<h3>Biases</h3>
<p>${summary}</p>
${tableOf(steps)}`;
}
