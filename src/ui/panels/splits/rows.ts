import type { ScheduleReport, StreamingReport } from "../../../engine/reports.ts";

export interface ModuleRow {
  readonly name: string;
  readonly nodes: number;
  readonly macs: number;
  readonly weightBytes: number;
  readonly cacheBytes: number;
  readonly period: number;
  readonly startStep: number;
}

export function moduleRows(report: StreamingReport): readonly ModuleRow[] {
  return report.modules.map((m) => ({
    name: m.name,
    nodes: m.nodes.length,
    macs: m.cost.macs,
    weightBytes: m.cost.weightBytes,
    cacheBytes: m.cost.cacheBytes,
    period: m.period,
    startStep: m.startStep,
  }));
}

/** Schedule steps × modules: which cell runs. At most `columns` steps. */
export function stepGrid(schedule: ScheduleReport, modules: number, columns = 12) {
  const steps = schedule.steps.slice(0, columns);
  return {
    steps: steps.map((s) => ({ step: s.step, completes: s.completes })),
    rows: Array.from({ length: modules }, (_, module) => steps.map((s) => s.runs.includes(module))),
  };
}

/** 1,234 → 1.23 k */
export function shortCount(n: number): string {
  if (n < 1000) return String(Math.round(n));
  const units = ["k", "M", "G"];
  let value = n / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)} ${units[unit]}`;
}

/** The schedule's rows before and after splitting, and what weights and boundaries take. */
export function loadRows({ schedule, modules, cuts, outputs }: StreamingReport) {
  const { table, chosen } = schedule;
  const whole = table.find((row) => row.scheme === "wholeChunk");
  const [first] = table;
  const before = whole ?? first;
  // A chunk of one unit leaves nothing to spread: every step is a whole chunk.
  const after = table.find((row) => row.scheme === chosen && chosen !== "frameByFrame") ?? before;
  if (!before || !after) throw new Error("a schedule without rows");
  const each = modules.map((m) => m.cost.weightBytes);
  const boundaries = new Map(cuts.map((cut) => [cut.boundary, cut.crossing]));
  const crossing = [...boundaries.values()].flat();
  return {
    before,
    after,
    lookAheadFrames: lookAheadFrames(outputs),
    weightBytes: { total: each.reduce((a, b) => a + b, 0), each },
    crossingBytes: crossing.reduce((n, c) => n + c.bytes, 0),
  };
}

/** Model-input frames by which the latest output lags: the model's own look-ahead, however it is split. */
function lookAheadFrames(outputs: StreamingReport["outputs"]): number {
  return Math.max(0, ...outputs.map(({ delay, rate }) => Math.ceil((delay * rate.den) / rate.num)));
}
