import { describe, expect, it } from "vitest";
import { measure } from "./test-picture.ts";
import { millisecondsText, namedTimePieces, type TimeMark, telling, timePieces } from "./time-label.ts";

const plain: TimeMark = { kind: "stream", axis: 2, rate: "", delay: 0, approximate: false };
const textOf = (mark: TimeMark) =>
  timePieces(mark)
    .map((p) => p.text)
    .join("");

describe("the label of a value's time", () => {
  it("says axis, rate, delay and fidelity, each only where it says something", () => {
    expect(textOf(plain)).toBe("t2");
    expect(textOf({ ...plain, rate: "1/2", delay: 3, delayMs: 60, approximate: true })).toBe(
      "t2 ×1/2 ◷3 60\u00a0ms ≈",
    );
    expect(textOf({ ...plain, kind: "perStep" })).toBe("1/step");
    expect(textOf({ ...plain, kind: "static" })).toBe("");
  });

  it("stands behind the value's name, and is gone where there is nothing to say", () => {
    expect(namedTimePieces("y", plain, (t) => measure(t, "chip")).map((p) => p.text)).toEqual(["y ", "t2"]);
    expect(namedTimePieces("y", { ...plain, kind: "unknown" }, () => 1)).toEqual([]);
  });

  it("is worth showing from afar where time runs differently", () => {
    expect(telling(plain)).toBe(false);
    expect(telling({ ...plain, delay: 1 })).toBe(true);
    expect(telling({ ...plain, rate: "2" })).toBe(true);
  });

  it("keeps a decimal of short times", () => {
    expect([millisecondsText(0.25), millisecondsText(8), millisecondsText(12.4)]).toEqual([
      "0.3\u00a0ms",
      "8\u00a0ms",
      "12\u00a0ms",
    ]);
  });
});
