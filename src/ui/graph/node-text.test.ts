import fc from "fast-check";
import { expect, test } from "vitest";
import { edgeLabel } from "./edge-label.ts";
import { bytesText, middleEllipsis, shapeText, shortLabel, shortValueName } from "./node-text.ts";

const measure = (text: string) => [...text].length * 7;

test("shapes", () => {
  expect(shapeText([1, "C", null])).toBe("1×C×?");
  expect(shapeText([])).toBe("scalar");
  expect(shapeText(undefined)).toBe("");
});

test("bytes", () => {
  expect([0, 96, 512, 1536, 12_000_000].map(bytesText)).toEqual(["0 B", "96 B", "512 B", "1.5 kB", "12 MB"]);
});

test.each([
  ["/enc/conv1/Conv", "Conv", "enc/conv1"],
  ["/enc/Conv_12", "Conv", "enc"],
  ["/enc/convolve", "Conv", "enc/convolve"],
  ["Conv_12", "Conv", "Conv_12"],
  ["/Slice", "Slice", ""],
  ["Relu:x", "Relu", ""],
  ["", "Relu", ""],
])("short label of %s (%s) is “%s”", (name, op, label) => {
  expect(shortLabel(name, op)).toBe(label);
});

test("value names lose only what every exporter adds", () => {
  expect(shortValueName("/enc/Conv_output_0")).toBe("enc/Conv");
  expect(shortValueName("mel_output_1")).toBe("mel_output_1");
});

test("an ellipsis keeps both ends, fits, and leaves short texts alone", () => {
  expect(middleEllipsis("encoder/block", 70, measure)).toBe("encod…lock");
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme", maxLength: 60 }),
      fc.integer({ min: 14, max: 300 }),
      (text, width) => {
        const short = middleEllipsis(text, width, measure);
        expect(measure(short)).toBeLessThanOrEqual(width);
        if (measure(text) <= width) expect(short).toBe(text);
      },
    ),
  );
});

test("an edge's label emphasises the time dimension alone", () => {
  const pieces = edgeLabel("y", [1, 64, "T", 2], 2, measure);
  expect(pieces.map((p) => p.text).join("")).toBe("y 1×64×T×2");
  expect(pieces.filter((p) => p.kind === "time").map((p) => p.text)).toEqual(["T"]);
  expect(edgeLabel("y", [1, 64], undefined, measure).some((p) => p.kind === "time")).toBe(false);
  expect(edgeLabel("y", undefined, 2, measure)).toEqual([{ text: "y", kind: "name" }]);
});
