import { describe, expect, it } from "vitest";
import type { Clip } from "../../../state/session.ts";
import type { ClipInspection } from "../../../worker/protocol.ts";
import { spectrogramPixels } from "./draw-clip.ts";
import { clipRows, numberSettings, usedSeconds } from "./rows.ts";

const clip = (name: string, used = true): Clip => ({ file: { name, blob: new Blob() }, used });

describe("clipRows", () => {
  const found = [
    { file: "a.wav", summary: { durationSeconds: 2 } },
    { file: "b.wav", summary: { durationSeconds: 3 } },
    { file: "c.wav", problem: { code: "file.empty", file: "c.wav" } },
  ] as unknown as readonly ClipInspection[];

  it("adds up only what is used and readable", () => {
    const rows = clipRows([clip("a.wav"), clip("b.wav", false), clip("c.wav"), clip("d.wav")], found);
    expect(usedSeconds(rows)).toBe(2);
    expect(rows.map((r) => [r.summary !== undefined, r.problem !== undefined])).toEqual([
      [true, false],
      [true, false],
      [false, true],
      [false, false],
    ]);
  });
});

describe("numberSettings", () => {
  it("asks for nothing that a front end does not read", () => {
    expect(numberSettings("tensor")).toEqual([]);
    expect(numberSettings("stft")).not.toContain("melBands");
    expect(numberSettings("mfcc")).toContain("coefficients");
  });
});

describe("spectrogramPixels", () => {
  it("puts low frequencies at the bottom, loud in light", () => {
    // Two frames of two bins: only the low bin of the second frame is loud.
    const pixels = spectrogramPixels(Uint8Array.from([0, 0, 255, 0]), 2, 2);
    const red = [...pixels].filter((_, i) => i % 4 === 0);
    expect(red.indexOf(Math.max(...red))).toBe(3);
  });
});
