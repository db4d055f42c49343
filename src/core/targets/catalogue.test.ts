import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { StudioError } from "../base/problem.ts";
import { targetById, targets } from "./catalogue.ts";

const EXPORTERS = ["onnx-qdq", "espdl"];
const here = import.meta.dirname;
const src = join(here, "..", "..");

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(path) : [path];
  });
}

describe("targets", () => {
  it("have ids of their own, in the form of file names", () => {
    const ids = targets.map((t) => t.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  it("are all listed, one file each", () => {
    const files = readdirSync(here).filter((f) => !/^(catalogue|target|esp-families)\b|\.test\.ts$/.test(f));
    expect(files.sort()).toEqual(targets.map((t) => `${t.id}.ts`).sort());
  });

  it.each(targets.map((t) => [t.id, t] as const))("%s is complete", (id, target) => {
    expect(targetById(id)).toBe(target);
    expect(EXPORTERS).toContain(target.exporter);
    expect(target.label).not.toBe("");
    expect(target.sources.length).toBeGreaterThan(0);
    if (target.exporter === "onnx-qdq") {
      expect(target.minOpset).toBeLessThanOrEqual(target.newestOpset);
      if (target.weights.granularity === "channel") expect(target.minOpset).toBeGreaterThanOrEqual(13);
      expect(target.weights.symmetric && target.bias.symmetric).toBe(true);
    } else {
      for (const bits of [8, 16] as const) {
        expect(target.formats[bits].bits).toBe(bits);
        expect(target.formats[bits].biasBits).toBeGreaterThan(bits);
      }
      const { multiplyAdd, element, lookup, float, transcendental } = target.cycles;
      expect(multiplyAdd[16]).toBeGreaterThan(multiplyAdd[8]);
      expect(element[16]).toBeGreaterThanOrEqual(element[8]);
      expect(Math.min(multiplyAdd[8], element[8], lookup)).toBeGreaterThan(0);
      expect(transcendental).toBeGreaterThan(float);
    }
  });

  it("answer to the names that other tools give them", () => {
    for (const target of targets)
      for (const alias of target.aliases ?? []) expect(targetById(alias)).toBe(target);
    expect(targetById("c").id).toBe("esp32");
  });

  it("are refused by name when unknown", () => {
    const attempt = () => targetById("nowhere");
    expect(attempt).toThrow(StudioError);
    expect(attempt).toThrow("plan.unknownTarget");
  });

  it("are asked for features, never for their id, outside the user interface", () => {
    const files = filesBelow(src).filter(
      (f) =>
        /\.tsx?$/.test(f) &&
        !f.includes(join("src", "ui")) &&
        !f.endsWith(".test.ts") &&
        f !== join(here, "catalogue.ts"),
    );
    expect(files.length).toBeGreaterThan(10);
    const comparing = files.filter((f) => {
      const text = readFileSync(f, "utf8");
      return /\btarget\.id\s*[!=]==?|[!=]==?\s*(\w+\.)*target\.id\b|switch\s*\(\s*(\w+\.)*target\.id/.test(
        text,
      );
    });
    expect(comparing.map((f) => f.slice(src.length))).toEqual([]);
  });
});
