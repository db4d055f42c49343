import { describe, expect, it } from "vitest";
import type { ScheduleReport } from "../../../engine/reports.ts";
import { shortCount, stepGrid } from "./rows.ts";

describe("stepGrid", () => {
  it("draws the rotation of three modules", () => {
    const steps = Array.from({ length: 8 }, (_, step) => ({
      step,
      runs: step < 2 ? [] : [(step - 2) % 3],
      completes: step >= 2 && (step - 2) % 3 === 2,
    }));
    const grid = stepGrid({ steps } as unknown as ScheduleReport, 3, 6);
    const drawn = grid.rows.map((cells) => cells.map((runs) => (runs ? "#" : ".")).join(""));
    expect(drawn).toEqual(["..#..#", "...#..", "....#."]);
    expect(grid.steps.map((s) => s.completes)).toEqual([false, false, false, false, true, false]);
  });
});

describe("shortCount", () => {
  it("keeps three digits", () => {
    expect([5, 999, 1234, 45_900, 999_999, 2.5e9].map(shortCount)).toEqual([
      "5",
      "999",
      "1.23 k",
      "45.9 k",
      "1.00 M",
      "2.50 G",
    ]);
  });
});
