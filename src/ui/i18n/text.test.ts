import { describe, expect, it } from "vitest";
import { en, type MessageKey, zhCN } from "./messages.ts";
import { createText, filled } from "./text.ts";

/** Names in braces, whether filled in or chosen by. */
const placeholders = (text: string) => {
  // The words of a choice are texts, not names; the number they are chosen by is a name.
  const names = text.replace(/(\w+), plural, one \{[^{}]*\} other \{[^{}]*\}/g, "$1");
  return [...new Set([...names.matchAll(/\{(\w+)\}/g)].map((m) => m[1]))].sort();
};

describe("catalogues", () => {
  it("have the same keys, none empty, in both languages", () => {
    expect(Object.keys(zhCN).sort()).toEqual(Object.keys(en).sort());
    for (const text of [...Object.values(en), ...Object.values(zhCN)]) expect(text).not.toBe("");
  });

  it("have the same placeholders in both languages", () => {
    for (const key of Object.keys(en) as MessageKey[]) {
      expect(placeholders(zhCN[key]), key).toEqual(placeholders(en[key]));
    }
  });

  it("use the fixed terms", () => {
    const terms: readonly (readonly [MessageKey, string])[] = [
      ["step.caches", "缓存"],
      ["step.axis", "时间轴"],
      ["step.calibrate", "校准"],
      ["splits.marked", "切分点"],
      ["calibrate.target", "目标平台"],
      ["fact.field", "感受野"],
      ["axis.chunk", "块"],
    ];
    for (const [key, term] of terms) expect(zhCN[key]).toBe(term);
  });
});

describe("filled", () => {
  it("fills in and chooses by number", () => {
    const template = "{n} {n, plural, one {clip} other {clips}} of {name}";
    expect(filled(template, { n: 1, name: "a" })).toBe("1 clip of a");
    expect(filled(template, { n: 0, name: "a" })).toBe("0 clips of a");
  });
});

describe("numbers", () => {
  const text = createText("zh-CN");
  it("have decimal points and units in both languages", () => {
    expect([text.bytes(999), text.bytes(1234), text.bytes(999_999), text.bytes(25_300_000)]).toEqual([
      "999\u00a0B",
      "1.23\u00a0kB",
      "1.00\u00a0MB",
      "25.3\u00a0MB",
    ]);
    expect([text.duration(3.21), text.duration(65)]).toEqual(["3.2\u00a0s", "1:05"]);
    expect([text.percent(0), text.percent(0.0001), text.percent(0.25)]).toEqual([
      "0.0\u00a0%",
      "<0.1\u00a0%",
      "25.0\u00a0%",
    ]);
  });
});
