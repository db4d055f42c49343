import { describe, expect, it } from "vitest";
import type { Detail } from "../core/base/detail.ts";
import type { Problem } from "../core/base/problem.ts";
import { en } from "./en.ts";
import { explain } from "./explain.ts";
import { zhCN } from "./zh-cn.ts";

const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

const REFUSED: Problem = {
  code: "stream.refused",
  node: "sm/out",
  op: "Softmax",
  axis: 2,
  reason: "timeReduced",
};

describe("catalogues", () => {
  it("say the same things in both languages, with the same placeholders", () => {
    expect(Object.keys(zhCN.problems)).toEqual(Object.keys(en.problems));
    for (const [code, sentence] of Object.entries(en.problems)) {
      const chinese = zhCN.problems[code as Problem["code"]];
      expect(placeholders(chinese.what), code).toEqual(placeholders(sentence.what));
      expect(placeholders(chinese.advice ?? ""), code).toEqual(placeholders(sentence.advice ?? ""));
    }
    expect(Object.keys(zhCN.details)).toEqual(Object.keys(en.details));
    for (const [code, words] of Object.entries(en.details))
      expect(placeholders(zhCN.details[code as Detail["code"]]), code).toEqual(placeholders(words));
    expect(Object.keys(zhCN.losses)).toEqual(Object.keys(en.losses));
    expect(Object.keys(zhCN.refusals)).toEqual(Object.keys(en.refusals));
    expect(Object.keys(zhCN.cuts)).toEqual(Object.keys(en.cuts));
    expect(Object.keys(zhCN.foreign)).toEqual(Object.keys(en.foreign));
  });
});

describe("details", () => {
  it("are worded in Chinese: no two English words follow each other", () => {
    for (const [code, words] of Object.entries(zhCN.details))
      expect(words.replace(/\{\w+\}/g, ""), code).not.toMatch(/[A-Za-z]{2,} [A-Za-z]{2,}/);
  });

  const cut: Problem = {
    code: "model.malformed",
    offset: 12,
    what: { code: "lengthPastEnd", length: 28781, left: 5 },
    file: "a.onnx",
  };

  it("stand in the problem's sentence, in its language", () => {
    expect(explain(cut, "en")).toContain("damaged at byte 12: length 28781, 5 bytes left.");
    expect(explain(cut, "zh-CN")).toContain("长度为 28781，只剩 5 字节。");
  });

  it("stand in brackets behind a reason, the Chinese ones in Chinese brackets", () => {
    const problem: Problem = { ...REFUSED, detail: { code: "inputFrames", index: 1, frames: "7" } };
    expect(explain(problem, "en")).toContain(" (input 1, 7 frames).");
    expect(explain(problem, "zh-CN")).toContain("（输入 1，7 帧）。");
  });

  it("name the top of a file, the time axis of a shape, and what browsers do not say of a lost worker", () => {
    expect(
      explain({ code: "plan.malformed", what: { code: "objectExpected", place: "" } }, "zh-CN"),
    ).toContain("顶层 应为对象");
    const shape: Problem = {
      code: "npy.shape",
      file: "a",
      shape: [1],
      expected: { code: "shape", dims: [1, 3, null] },
    };
    expect(explain(shape, "en")).toContain("[1, 3, frames]");
    expect(explain(shape, "zh-CN")).toContain("[1, 3, 帧数]");
    expect(explain({ code: "worker.lost", reason: "ended" }, "zh-CN")).toContain("它自行结束");
    expect(explain({ code: "worker.lost", reason: "RangeError: x" }, "zh-CN")).toContain("RangeError: x");
  });
});

describe("explain", () => {
  it("names operator, place, axis and reason of a refusal in both languages", () => {
    expect(explain(REFUSED, "en")).toContain(
      "Softmax at sm/out cannot stream exactly along axis 2: it needs all frames",
    );
    expect(explain(REFUSED, "zh-CN")).toContain("sm/out 处的 Softmax 无法沿轴 2");
  });

  it("lists every missing file", () => {
    const text = explain({ code: "model.externalMissing", files: ["a.bin", "b.bin"] }, "en");
    expect(text).toContain("a.bin, b.bin");
  });

  it("says what a foreign file is and what to do with it", () => {
    const checkpoint: Problem = { code: "file.foreign", file: "best.pt", kind: "pytorch" };
    expect(explain(checkpoint, "en")).toBe(
      "“best.pt” is a PyTorch checkpoint: it cannot be opened here. Export the model with torch.onnx.export.",
    );
    expect(explain(checkpoint, "zh-CN")).toContain("PyTorch 检查点");
  });

  it("names limits and what was measured", () => {
    const big: Problem = { code: "file.tooBig", file: "m.onnx", fileBytes: 6.2e9, limitBytes: 2 ** 32 };
    expect(explain(big, "en")).toContain(
      "6.2\u00a0GB with all that belongs to it; one worker can hold 4.3\u00a0GB",
    );
    const rates: Problem = { code: "audio.resampled", files: ["a", "b"], rateHz: 44100, needRateHz: 16000 };
    expect(explain(rates, "en")).toContain("44.1 kHz are converted to the 16 kHz of the features: a, b");
    expect(explain({ code: "audio.quiet", file: "a", peakDb: -51.3 }, "en")).toContain("51 dB below");
  });

  it("leaves no placeholder, and no doubled full stop after the runtime's own words", () => {
    const text = explain({ code: "model.runtimeRefused", what: "No kernel for Foo(1)." }, "en");
    expect(text).not.toMatch(/[{}]|\.\./);
  });

  it("has nothing to advise on a cancel", () => {
    expect(explain({ code: "job.cancelled" }, "en")).toBe("Cancelled.");
  });
});
