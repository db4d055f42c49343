import { expect, test } from "vitest";
import type { LoadModel } from "./load.ts";
import { type ScheduledModule, scheduleOf } from "./schedule.ts";

/** One second per MAC, per weight byte and per dispatch: loads are whole numbers. */
const load: LoadModel = { macsPerSecond: 1, weightBytesPerSecond: 1, dispatchSeconds: 1 };

function modules(macs: readonly number[], more: Partial<ScheduledModule> = {}): ScheduledModule[] {
  return macs.map((m) => ({ macs: m, weightBytes: 6, dispatches: 3, ...more }));
}

test("T91 three modules rotate over a window of three frames", () => {
  const schedule = scheduleOf(modules([30, 60, 30]), { chunk: 3, load });
  expect(schedule.kind).toBe("rotation");
  expect(schedule.period).toBe(3);
  expect(schedule.startSteps).toEqual([2, 3, 4]);
  expect(schedule.steps.slice(0, 8).map((s) => s.runs)).toEqual([[], [], [0], [1], [2], [0], [1], [2]]);
  expect(schedule.steps.filter((s) => s.completes).map((s) => s.step)).toEqual([4, 7]);
  // α = 3·(6 + 3) per run of the whole model, β·W = 120.
  expect(schedule.table).toEqual([
    {
      scheme: "frameByFrame",
      peakMacs: 40,
      meanMacs: 40,
      peakSeconds: 27 + 40,
      meanSeconds: 27 + 40,
      newestLatencyFrames: 0,
      oldestLatencyFrames: 0,
    },
    {
      scheme: "wholeChunk",
      peakMacs: 120,
      meanMacs: 40,
      peakSeconds: 27 + 120,
      meanSeconds: 49,
      newestLatencyFrames: 0,
      oldestLatencyFrames: 2,
    },
    {
      scheme: "rotation",
      peakMacs: 60,
      meanMacs: 40,
      peakSeconds: 9 + 60,
      meanSeconds: 49,
      newestLatencyFrames: 2,
      oldestLatencyFrames: 4,
    },
  ]);
  expect(schedule.chosen).toBe("rotation");
});

test("fewer modules than frames leave steps idle; more modules share steps", () => {
  const few = scheduleOf(modules([10, 20]), { chunk: 4, load });
  expect(few.steps.slice(3, 8).map((s) => s.runs)).toEqual([[0], [1], [], [], [0]]);
  const many = scheduleOf(modules([10, 20, 30]), { chunk: 2, load });
  expect(many.startSteps).toEqual([1, 1, 2]);
  expect(many.table.at(-1)).toMatchObject({ peakMacs: 30, newestLatencyFrames: 1, oldestLatencyFrames: 2 });
});

test("one module runs when its chunk is full", () => {
  const schedule = scheduleOf(modules([12]), { chunk: 4, unit: 2, load });
  expect(schedule).toMatchObject({ kind: "sequential", period: 2, framesPerStep: 2, chosen: "wholeChunk" });
  expect(schedule.steps.slice(0, 4).map((s) => s.runs)).toEqual([[], [0], [], [0]]);
  expect(scheduleOf(modules([12]), { chunk: 1, load }).chosen).toBe("frameByFrame");
});

test("slow modules run every fourth step, one after the other while the fast one collects", () => {
  const [fast] = modules([5]);
  const slow = modules([40, 60], { chunks: 4 });
  const schedule = scheduleOf([...(fast ? [fast] : []), ...slow], { chunk: 2, unit: 2, load });
  expect(schedule).toMatchObject({ kind: "multiRate", period: 4, periods: [1, 4, 4], startSteps: [0, 3, 4] });
  expect(schedule.steps.slice(0, 9).map((s) => s.runs)).toEqual([
    [0],
    [0],
    [0],
    [0, 1],
    [0, 2],
    [0],
    [0],
    [0, 1],
    [0, 2],
  ]);
  expect(schedule.table.map((r) => [r.scheme, r.peakMacs, r.meanMacs])).toEqual([
    ["wholeChunk", 120, 30],
    ["multiRate", 65, 30],
  ]);
  expect(schedule.table.at(-1)).toMatchObject({ newestLatencyFrames: 2, oldestLatencyFrames: 9 });
});

test("a gated module starts its runs later", () => {
  const [first, second] = modules([10, 10]);
  if (!first || !second) throw new Error("two modules");
  const schedule = scheduleOf([first, { ...second, gateRuns: 2 }], { chunk: 2, unit: 2, load });
  expect(schedule.startSteps).toEqual([0, 2]);
  expect(schedule.steps.map((s) => s.runs)).toEqual([[0], [0], [0, 1], [0, 1]]);
});
