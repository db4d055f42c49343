import { describe, expect, it } from "vitest";
import type { Problem } from "../core/base/problem.ts";
import { en } from "./en.ts";
import { explain } from "./explain.ts";
import { zhCN } from "./zh-cn.ts";

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

describe("catalogues", () => {
  it("say the same things in both languages, with the same placeholders", () => {
    expect(Object.keys(zhCN.problems)).toEqual(Object.keys(en.problems));
    for (const [code, sentence] of Object.entries(en.problems)) {
      const chinese = zhCN.problems[code as Problem["code"]];
      expect(placeholders(chinese.what), code).toEqual(placeholders(sentence.what));
      expect(placeholders(chinese.advice ?? ""), code).toEqual(placeholders(sentence.advice ?? ""));
    }
    expect(Object.keys(zhCN.refusals)).toEqual(Object.keys(en.refusals));
    expect(Object.keys(zhCN.cuts)).toEqual(Object.keys(en.cuts));
  });
});

describe("explain", () => {
  const refused: Problem = {
    code: "stream.refused",
    node: "sm/out",
    op: "Softmax",
    axis: 2,
    reason: "timeReduced",
  };

  it("names operator, place, axis and reason of a refusal in both languages", () => {
    expect(explain(refused, "en")).toContain(
      "Softmax at sm/out cannot stream exactly along axis 2: it needs all frames",
    );
    expect(explain(refused, "zh-CN")).toContain("sm/out 处的 Softmax 无法沿轴 2");
  });

  it("lists every missing file", () => {
    const text = explain({ code: "model.externalMissing", files: ["a.bin", "b.bin"] }, "en");
    expect(text).toContain("a.bin, b.bin");
  });

  it("leaves no placeholder, and no doubled full stop after the runtime's own words", () => {
    const text = explain({ code: "model.runtimeRefused", what: "No kernel for Foo(1)." }, "en");
    expect(text).not.toMatch(/[{}]|\.\./);
  });

  it("has nothing to advise on a cancel", () => {
    expect(explain({ code: "job.cancelled" }, "en")).toBe("Cancelled.");
  });
});
