import { expect, test } from "vitest";
import { scheduleOf } from "./schedule.ts";

test("three modules rotate over a window of three frames", () => {
  const schedule = scheduleOf([30, 60, 30], 3);
  expect(schedule.kind).toBe("rotation");
  expect(schedule.period).toBe(3);
  expect(schedule.startSteps).toEqual([2, 3, 4]);
  expect(schedule.steps.slice(0, 8).map((s) => s.runs)).toEqual([[], [], [0], [1], [2], [0], [1], [2]]);
  expect(schedule.steps.filter((s) => s.completes).map((s) => s.step)).toEqual([4, 7]);
  expect(schedule.table).toEqual([
    { scheme: "frameByFrame", peakMacs: 40, meanMacs: 40, newestLatencyFrames: 0, oldestLatencyFrames: 0 },
    { scheme: "wholeChunk", peakMacs: 120, meanMacs: 40, newestLatencyFrames: 0, oldestLatencyFrames: 2 },
    { scheme: "rotation", peakMacs: 60, meanMacs: 40, newestLatencyFrames: 2, oldestLatencyFrames: 4 },
  ]);
  expect(schedule.chosen).toBe("rotation");
});

test("fewer modules than frames leave steps idle; more modules share steps", () => {
  const few = scheduleOf([10, 20], 4);
  expect(few.steps.slice(3, 8).map((s) => s.runs)).toEqual([[0], [1], [], [], [0]]);
  const many = scheduleOf([10, 20, 30], 2);
  expect(many.startSteps).toEqual([1, 1, 2]);
  expect(many.table.at(-1)).toMatchObject({ peakMacs: 30, newestLatencyFrames: 1, oldestLatencyFrames: 2 });
});

test("one module runs when its chunk is full", () => {
  const schedule = scheduleOf([12], 4, 2);
  expect(schedule).toMatchObject({ kind: "sequential", period: 2, framesPerStep: 2, chosen: "wholeChunk" });
  expect(schedule.steps.slice(0, 4).map((s) => s.runs)).toEqual([[], [0], [], [0]]);
  expect(scheduleOf([12], 1).chosen).toBe("frameByFrame");
});
