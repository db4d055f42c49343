import { describe, expect, it } from "vitest";
import type { PackageFile, PackageReport } from "../../../engine/reports.ts";
import { checkCounts, folderRows } from "./rows.ts";

const file = (path: string, bytes = 1): PackageFile => ({ path, bytes, sha256: "", check: "loaded" });

describe("folderRows", () => {
  it("shows the top first, then folders by name, with their sizes", () => {
    const rows = folderRows([
      file("int8/a.onnx", 5),
      file("README.md"),
      file("float/a.onnx", 7),
      file("float/b.onnx", 2),
    ]);
    expect(rows.map((r) => [r.folder, r.files.map((f) => f.name), r.bytes])).toEqual([
      ["", ["README.md"], 1],
      ["float", ["a.onnx", "b.onnx"], 9],
      ["int8", ["a.onnx"], 5],
    ]);
  });
});

describe("checkCounts", () => {
  it("puts the worst failure first", () => {
    const check = (name: string, passed: boolean, maxAbs: number) => ({
      name,
      file: "",
      passed,
      maxAbs,
      tolerance: 1,
    });
    const report = {
      checks: [check("a", true, 0), check("b", false, 2), check("c", false, 9)],
    } as unknown as PackageReport;
    const { passed, failed } = checkCounts(report);
    expect([passed, failed.map((c) => c.name)]).toEqual([1, ["c", "b"]]);
  });
});
