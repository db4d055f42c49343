import { describe, expect, it } from "vitest";
import type { ScheduleReport, StreamingReport } from "../../../engine/reports.ts";
import { loadRows, shortCount, stepGrid } from "./rows.ts";

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

describe("loadRows", () => {
  const row = (scheme: string, peakMacs: number) => ({ scheme, peakMacs });
  const report = (chosen: string) =>
    ({
      schedule: { chosen, table: [row("frameByFrame", 10), row("wholeChunk", 30), row("rotation", 12)] },
      modules: [{ cost: { weightBytes: 100 } }, { cost: { weightBytes: 50 } }],
      // Two marks at one boundary: its bytes cross once.
      cuts: [
        { value: "a", boundary: 0, crossing: [{ value: "a", bytes: 8 }] },
        { value: "b", boundary: 0, crossing: [{ value: "a", bytes: 8 }] },
      ],
      outputs: [
        { delay: 3, rate: { num: 1, den: 2 } },
        { delay: 4, rate: { num: 1, den: 1 } },
      ],
    }) as unknown as StreamingReport;

  it("sets the whole chunk in one step against the modules in turn", () => {
    expect(loadRows(report("rotation"))).toMatchObject({
      before: { peakMacs: 30 },
      after: { peakMacs: 12 },
      lookAheadFrames: 6,
      weightBytes: { total: 150, each: [100, 50] },
      crossingBytes: 8,
    });
  });

  it("changes nothing where every step is a whole chunk", () => {
    const { before, after } = loadRows(report("frameByFrame"));
    expect(after).toBe(before);
  });
});
