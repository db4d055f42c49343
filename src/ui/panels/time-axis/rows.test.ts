import { describe, expect, it } from "vitest";
import type { AnalysisReport } from "../../../engine/reports.ts";
import { inputRows } from "./rows.ts";

describe("inputRows", () => {
  const inputs = [{ name: "x", shape: [1, 16, "T"] }];
  const report = (because: string) =>
    ({ axes: [{ input: "x", chosen: 2, because, streamable: [1, 2] }] }) as unknown as AnalysisReport;

  it("shows the proposal with its reason, until the user chooses otherwise", () => {
    const [proposed] = inputRows(inputs, report("symbolic"), { x: 2 });
    expect(proposed?.because).toBe("symbolic");
    expect(proposed?.axes.map((a) => [a.dim, a.chosen, a.streamable])).toEqual([
      ["1", false, false],
      ["16", false, true],
      ["T", true, true],
    ]);
    const [chosen] = inputRows(inputs, report("symbolic"), { x: 1 });
    expect(chosen?.because).toBe("user");
    expect(inputRows(inputs, report("user"), { x: 2 }, { x: 2 })[0]?.because).toBe("plan");
    expect(inputRows(inputs, report("user"), { x: 1 }, { x: 2 })[0]?.because).toBe("user");
    expect(chosen?.axes[1]?.chosen).toBe(true);
  });
});
