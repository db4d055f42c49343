import type { ErrorSummary } from "../quant/error-metrics.ts";
import { approximationText, referenceText } from "./approximation-record.ts";
import { choicesSection } from "./choices-section.ts";
import { findingsSection } from "./findings-section.ts";
import { html, type Markup, table } from "./html.ts";
import { counted, decibels, grouped, kilobytes, shapeText, short } from "./numbers.ts";
import {
  type ApproximationRecord,
  deployed,
  type MeasuredError,
  type PackageInput,
  type QuantizationRecord,
} from "./package-input.ts";
import { integerName, type ParityWords, parityWords } from "./parity-words.ts";
import { checksSection, reportPage, type Tile, tilesOf } from "./report-page.ts";
import { bars, errorOverTime } from "./svg-plot.ts";

/** `report.html`: one page without scripts or outside resources; names in it are data, never markup. */
export function reportHtmlFile(input: PackageInput): Uint8Array {
  return reportPage(
    input.model,
    `${input.model.name}: streaming package`,
    html`${tiles(input)}${input.parity.approximation ? approximationSection(input.parity.approximation) : undefined}${paritySection(input)}${input.quantization ? quantizationSection(input.quantization, wordsOf(input)) : undefined}${choicesSection(input.quantization?.choices, input.quantization?.findings ?? [])}${modulesSection(input)}${scheduleSection(input)}${findingsSection([...input.findings, ...(input.quantization?.findings ?? [])])}${checksSection(input.checks)}`,
  );
}

const wordsOf = (input: PackageInput): ParityWords => parityWords(input.parity, integerName(input));

function tiles(input: PackageInput): Markup {
  const { parity, quantization } = input;
  const words = wordsOf(input);
  const worst = parity.outputs.reduce((m, e) => Math.max(m, e.maxRelative), 0);
  const list: Tile[] = [
    [
      words.equals,
      parity.verdict === "exact" ? "yes" : parity.verdict,
      `worst ${short(worst)} of the output's range, allowed ${short(parity.tolerance)}`,
    ],
  ];
  if (quantization) {
    const { integerParity } = quantization;
    const sqnr = quantization.outputs.reduce((m, e) => Math.min(m, e.sqnrDb), Number.POSITIVE_INFINITY);
    list.push(
      [`${words.integerName} against float`, decibels(sqnr), "SQNR of the worst output"],
      [
        words.integersEqual,
        integerParity.different === 0 ? "yes" : `all but ${grouped(integerParity.different)}`,
        `${counted(integerParity.elements, "integer")} of ${counted(integerParity.frames, "frame")} compared`,
      ],
      ["Size", kilobytes(quantization.quantizedBytes), `float ${kilobytes(quantization.floatBytes)}`],
    );
  }
  return tilesOf(list);
}

const ERROR_HEAD = ["value", "max abs", "of range", "RMS", "SQNR", "cosine", "first bad frame", "frames"];

function errorRow(e: ErrorSummary): (string | number)[] {
  return [
    e.value,
    short(e.maxAbs),
    short(e.maxRelative),
    short(e.rms),
    decibels(e.sqnrDb),
    e.cosine.toFixed(6),
    e.firstBadFrame < 0 ? "none" : e.firstBadFrame,
    e.frames,
  ];
}

const LEGEND = html`<p class="legend"><span class="level-key">signal level</span> <span class="error-key">largest error</span></p>
`;

function paritySection({ parity }: PackageInput): Markup {
  return html`<section>
<h2>${parityWords(parity).heading}</h2>
<p>${counted(parity.frames, "frame")} of ${counted(parity.clips.length, "clip")}, every frame compared. The allowed difference, ${short(parity.tolerance)} of a value's range, is what a float runtime shows when it picks other kernels for other shapes.</p>
${table(ERROR_HEAD, parity.outputs.map(errorRow))}${LEGEND}${parity.traces.map((t) => html`<h3>${t.value}</h3>\n${errorOverTime(t)}`)}</section>
`;
}

function approximationSection(record: ApproximationRecord): Markup {
  return html`<section>
<h2>Approximate</h2>
<p>Not every node of this model can stream exactly. What stands in for them, and how far that is from ${referenceText(record)}:</p>
${table(
  ["node", "operator", "stands in", "of range", "worst frame", "SQNR", "at the end"],
  record.nodes.map(({ node, op, approximation, error }) => [
    node,
    op,
    approximationText(approximation),
    ...(error ? measuredCells(error) : ["", "", "", ""]),
  ]),
)}${table(
  ["output", "of range", "worst frame", "SQNR", "at the end"],
  record.outputs.map((error) => [error.value, ...measuredCells(error)]),
)}</section>
`;
}

function measuredCells({
  maxRelative,
  worstFrame,
  sqnrDb,
  lastRelative,
}: MeasuredError): (string | number)[] {
  return [short(maxRelative), worstFrame < 0 ? "none" : worstFrame, decibels(sqnrDb), short(lastRelative)];
}

function quantizationSection(q: QuantizationRecord, words: ParityWords): Markup {
  const layers = q.values.map((e) => ({ label: e.value, value: e.sqnrDb, text: decibels(e.sqnrDb) }));
  return html`<section>
<h2>${words.integerName} against float</h2>
<p>Target ${q.target}, ranges by ${q.method}.</p>
${table(ERROR_HEAD, q.outputs.map(errorRow))}${LEGEND}${q.traces.map((t) => html`<h3>${t.value}</h3>\n${errorOverTime(t)}`)}<h3>SQNR of every value, in running order</h3>
${bars("SQNR of every value, in running order", layers)}<h3>${words.integers}</h3>
${table(
  ["value", "integers that differ", "largest difference", "cause"],
  q.integerParity.differences.map((d) => [
    d.value,
    d.count,
    counted(d.maxSteps, "step"),
    CAUSES[d.cause] ?? d.cause,
  ]),
)}</section>
`;
}

const CAUSES: Readonly<Record<string, string>> = {
  roundingTie: "a float sum on the edge between two integers",
  unknown: "unknown",
};

function modulesSection(input: PackageInput): Markup {
  const { precision, modules } = deployed(input);
  const ports = [
    ...input.inputs.map((p) => ["input", p] as const),
    ...input.outputs.map((p) => ["output", p] as const),
  ];
  const flush =
    input.flushSteps === 0
      ? "Nothing is delayed: no steps are needed after the last frame."
      : `After the last frame, ${counted(input.flushSteps, "more step")} bring out what is delayed.`;
  return html`<section>
<h2>Modules and caches</h2>
<p>${counted(input.chunk, "frame")} per step. ${flush}</p>
${table(
  ["", "name", "shape per step", "time axis", "frames per step", "delay in frames"],
  ports.map(([kind, p]) => [kind, p.name, shapeText(p.shape), p.axis ?? "–", p.framesPerStep, p.delay]),
)}${table(
  ["module", "MACs per run", "weights", "caches", "runs every", "first run at step"],
  modules.map((m) => [
    m.name,
    grouped(m.cost.macs),
    kilobytes(m.cost.weightBytes),
    kilobytes(m.cost.cacheBytes),
    counted(m.period, "step"),
    m.startStep,
  ]),
)}<h3>Caches (${precision})</h3>
${table(
  ["module", "cache input", "cache output", "shape", "type", "initial value", "frames"],
  modules.flatMap((m) =>
    m.caches.map((c) => [
      m.name,
      c.input,
      c.output,
      shapeText(c.shape),
      c.dtype,
      typeof c.init === "number" ? short(c.init) : "file",
      c.frames,
    ]),
  ),
)}</section>
`;
}

function scheduleSection({ schedule }: PackageInput): Markup {
  const names: Readonly<Record<string, string>> = {
    frameByFrame: "every frame at once",
    wholeChunk: "a whole chunk at once",
    rotation: "one module per step",
  };
  return html`<section>
<h2>Schedule</h2>
${table(
  [
    "scheme",
    "peak MACs per step",
    "mean MACs per step",
    "latency of the newest frame",
    "of the oldest frame",
  ],
  schedule.table.map((row) => [
    row.scheme === schedule.chosen
      ? html`<strong>${names[row.scheme] ?? row.scheme}</strong>`
      : (names[row.scheme] ?? row.scheme),
    grouped(row.peakMacs),
    Number.isInteger(row.meanMacs) ? grouped(row.meanMacs) : short(row.meanMacs),
    row.newestLatencyFrames,
    row.oldestLatencyFrames,
  ]),
)}</section>
`;
}
