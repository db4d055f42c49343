import { log10 } from "../base/elementary.ts";
import type { ErrorTrace } from "../quant/error-metrics.ts";
import { html, type Markup } from "./html.ts";

const WIDTH = 860;
const LEFT = 56;
const RIGHT = 12;
const TOP = 10;
const PLOT_HEIGHT = 170;
const px = (x: number): string => String(Number(x.toFixed(1)));

/** Signal level and error of one value over time, in dB (20·log10), one point per group of frames. */
export function errorOverTime(trace: ErrorTrace): Markup {
  const level = Array.from(trace.level, toDecibels);
  const error = Array.from(trace.error, toDecibels);
  const all = [...level, ...error].filter((x) => x > FLOOR_DB);
  const top = Math.ceil((all.reduce((a, b) => Math.max(a, b), -20) + 1) / 20) * 20;
  const lowest = all.reduce((a, b) => Math.min(a, b), top - 40);
  const bottom = Math.max(Math.floor(lowest / 20) * 20, top - 200);
  const y = (db: number) =>
    TOP + ((top - Math.max(bottom, Math.min(top, db))) / (top - bottom)) * PLOT_HEIGHT;
  const inner = WIDTH - LEFT - RIGHT;
  const x = (i: number) => LEFT + (inner * i) / Math.max(1, level.length - 1);
  const line = (points: readonly number[]) => points.map((p, i) => `${px(x(i))},${px(y(p))}`).join(" ");
  const frames = level.length * trace.framesPerPoint;
  const ticks = ticksBetween(bottom, top, 40);
  return html`<svg viewBox="0 0 ${WIDTH} ${TOP + PLOT_HEIGHT + 26}" role="img" aria-label="${`Level and error of ${trace.value} over ${frames} frames`}">
${ticks.map((db) => html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${px(y(db))}" y2="${px(y(db))}"/><text x="${LEFT - 6}" y="${px(y(db) + 4)}" text-anchor="end">${db} dB</text>`)}
<polyline class="level" points="${line(level)}"/>
${error.some((db) => db > FLOOR_DB) ? html`<polyline class="error" points="${line(error)}"/>` : html`<text x="${WIDTH - RIGHT}" y="${TOP + PLOT_HEIGHT - 8}" text-anchor="end">no error at all</text>`}
<text x="${LEFT}" y="${TOP + PLOT_HEIGHT + 18}">frame 0</text>
<text x="${WIDTH - RIGHT}" y="${TOP + PLOT_HEIGHT + 18}" text-anchor="end">frame ${Math.max(0, frames - 1)}</text>
</svg>
`;
}

export interface Bar {
  readonly label: string;
  /** dB; infinite bars fill the width. */
  readonly value: number;
  readonly text: string;
}

const BAR_HEIGHT = 18;
const LABEL_WIDTH = 300;

/** Horizontal bars in the given order, e.g. SQNR per layer: short bars are the ones to look at. */
export function bars(label: string, rows: readonly Bar[]): Markup {
  const most = rows.reduce((m, r) => (Number.isFinite(r.value) ? Math.max(m, r.value) : m), 1);
  const inner = WIDTH - LABEL_WIDTH - 80;
  const width = (value: number) => inner * Math.max(0, Math.min(1, value / most));
  return html`<svg viewBox="0 0 ${WIDTH} ${rows.length * BAR_HEIGHT + 4}" role="img" aria-label="${label}">
${rows.map((row, i) => {
  const y = i * BAR_HEIGHT;
  const w = width(row.value);
  return html`<text x="${LABEL_WIDTH - 8}" y="${y + 13}" text-anchor="end">${shortened(row.label)}<title>${row.label}</title></text><rect class="bar" x="${LABEL_WIDTH}" y="${y + 3}" width="${px(w)}" height="${BAR_HEIGHT - 6}"/><text x="${px(LABEL_WIDTH + w + 6)}" y="${y + 13}">${row.text}</text>
`;
})}</svg>
`;
}

const FLOOR_DB = -300;

function toDecibels(x: number): number {
  if (x === Number.POSITIVE_INFINITY) return -FLOOR_DB;
  return x > 0 ? Math.max(FLOOR_DB, 20 * log10(x)) : FLOOR_DB;
}

function ticksBetween(low: number, high: number, step: number): number[] {
  const ticks: number[] = [];
  for (let t = high; t >= low; t -= step) ticks.push(t);
  return ticks;
}

function shortened(label: string): string {
  return label.length <= 44 ? label : `…${label.slice(-43)}`;
}
