import { stableJson } from "../../base/stable-json.ts";
import { encodeUtf8 } from "../../base/utf8.ts";
import { choicesSection } from "../choices-section.ts";
import { findingsSection } from "../findings-section.ts";
import { html, type Markup, table } from "../html.ts";
import { counted, decibels, grouped, kilobytes, shapeText, short } from "../numbers.ts";
import { moduleFile } from "../package-input.ts";
import { checksSection, reportPage, type Tile, tilesOf } from "../report-page.ts";
import { bars } from "../svg-plot.ts";
import { choiceText, outputRecords, type ValueRecord, type WholeModelRecord } from "./whole-model-record.ts";

/** `report.html` of a whole model for a chip: errors of every value, sizes, checks. */
export function wholeReportHtml(record: WholeModelRecord): Uint8Array {
  const { model, chip, values, samples, checks } = record;
  return reportPage(
    model,
    `${model.name}: package for ${chip.target.label}`,
    html`${tilesOf(tiles(record))}<section>
<h2>int${chip.bits} against float</h2>
<p>Target ${chip.target.id}, ${choiceText(record)}; measured on ${counted(samples, "input")}.</p>
${table(HEAD, values.map(row))}<h3>SQNR of every value behind all others, in running order</h3>
${bars(
  "SQNR of every value behind all others, in running order",
  values.map((v) => ({
    label: v.value,
    value: v.accumulated.sqnrDb,
    text: decibels(v.accumulated.sqnrDb),
  })),
)}</section>
${choicesSection(record.choices, record.findings)}${modelSection(record)}${findingsSection(record.findings)}${checksSection(checks)}`,
  );
}

const HEAD = [
  "value",
  "operator",
  "bits",
  "exponent",
  "SQNR, its operator alone",
  "SQNR behind all others",
  "largest difference",
  "at an end of its range",
];

function row(v: ValueRecord): (string | number)[] {
  return [
    v.value,
    v.op === "" ? "input" : v.op,
    v.bits,
    v.exponent,
    decibels(v.own.sqnrDb),
    decibels(v.accumulated.sqnrDb),
    short(v.accumulated.maxAbs),
    v.saturated === 0 ? "none" : `${short(100 * v.saturated)} %`,
  ];
}

function tiles(record: WholeModelRecord): Tile[] {
  const { chip, floatBytes } = record;
  const outputs = outputRecords(record);
  const worst = outputs.reduce((m, v) => Math.min(m, v.accumulated.sqnrDb), Number.POSITIVE_INFINITY);
  const bytes = chip.modules.reduce((n, m) => n + m.bytes.length, 0);
  const activations = chip.modules.reduce((n, m) => n + m.cost.activationBytes, 0);
  return [
    [`int${chip.bits} against float`, decibels(worst), "SQNR of the worst output"],
    ["Size", kilobytes(bytes), `with test vectors; opened file ${kilobytes(floatBytes)}`],
    ["Activations", kilobytes(activations), "at once, estimated"],
  ];
}

function modelSection({ chip }: WholeModelRecord): Markup {
  const ports = chip.modules.flatMap(({ inputs, outputs }) => [
    ...inputs.map((p) => ["input", p] as const),
    ...outputs.map((p) => ["output", p] as const),
  ]);
  return html`<section>
<h2>Inputs, outputs, size</h2>
${table(
  ["", "name", "shape", "type", "real number"],
  ports.map(([kind, p]) => [
    kind,
    p.name,
    shapeText(p.shape),
    p.dtype,
    p.scale === undefined ? "as it is" : `${p.scale} · integer`,
  ]),
)}${table(
  ["file", "MACs per run", "weights and tables", "kernels"],
  chip.modules.map((m) => [
    moduleFile("chip", m),
    grouped(m.cost.macs),
    kilobytes(m.cost.weightBytes),
    m.cost.dispatches,
  ]),
)}</section>
`;
}

/** `report.json`: every number of the report, and the findings. */
export function wholeReportJson(record: WholeModelRecord): Uint8Array {
  const { model, chip, values, samples, findings, choices, checks, floatBytes } = record;
  const errorOf = ({ sqnrDb, maxAbs }: ValueRecord["own"]) => ({
    sqnrDb: Number.isFinite(sqnrDb) ? sqnrDb : null,
    maxAbs,
  });
  return encodeUtf8(
    stableJson({
      schema: 1,
      model,
      target: chip.target.id,
      bits: chip.bits,
      samples,
      floatBytes,
      values: values.map((v) => ({ ...v, own: errorOf(v.own), accumulated: errorOf(v.accumulated) })),
      modules: {
        chip: chip.modules.map((m) => ({
          name: m.name,
          file: moduleFile("chip", m),
          bytes: m.bytes.length,
          ...m.cost,
        })),
      },
      findings,
      ...(choices && { choices }),
      checks,
    }),
  );
}
