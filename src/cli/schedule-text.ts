import { grouped, kilobytes, short } from "../core/export/numbers.ts";
import { frameMilliseconds } from "../core/plan/frame-milliseconds.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { StreamingReport } from "../engine/reports.ts";
import { columns } from "./terminal.ts";

/** Load and latency before (the chunk whole, in one step) and after splitting, and what each module and boundary costs. */
export function scheduleText(report: StreamingReport, plan: Plan): string {
  const { schedule, modules, cuts } = report;
  const whole = schedule.table.find((row) => row.scheme === "wholeChunk");
  const chosen = schedule.table.find((row) => row.scheme === schedule.chosen);
  if (!whole || !chosen || modules.length === 1) return "";
  const ms = frameMilliseconds(plan);
  const frames = (n: number) => (ms === undefined ? `${n} frames` : `${n} frames, ${short(n * ms)} ms`);
  const load = [
    ["", "peak MACs a step", "mean", "peak ms", "newest frame", "oldest frame"],
    ...[whole, chosen].map((row) => [
      row === whole ? "before" : "after",
      grouped(Math.round(row.peakMacs)),
      grouped(Math.round(row.meanMacs)),
      short(row.peakSeconds * 1000),
      frames(row.newestLatencyFrames),
      frames(row.oldestLatencyFrames),
    ]),
  ];
  const parts = [
    ["module", "MACs a run", "weights", "every", "from step", "crosses in"],
    ...modules.map((m, i) => [
      m.name,
      grouped(m.cost.macs),
      kilobytes(m.cost.weightBytes),
      `${m.period}`,
      `${m.startStep}`,
      i === 0 ? "" : crossingText(cuts, i - 1),
    ]),
  ];
  return `${columns(load)}\n${columns(parts)}\n`;
}

function crossingText(cuts: StreamingReport["cuts"], boundary: number): string {
  const crossing = cuts.find((cut) => cut.boundary === boundary)?.crossing ?? [];
  const bytes = crossing.reduce((n, c) => n + c.bytes, 0);
  return `${crossing.map((c) => c.value).join(", ")} (${kilobytes(bytes)})`;
}
