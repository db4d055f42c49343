import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shortName, shortNames } from "./short-name.ts";

describe("shortName", () => {
  it("keeps what is short, and whole parts from the end of what is long", () => {
    expect(shortName("164")).toBe("164");
    expect(shortName("/layer/layer.0/depthwise/Conv_output_0")).toBe("…/layer.0/depthwise/Conv");
    expect(shortName("a".repeat(60)).length).toBeLessThanOrEqual(28);
  });
});

describe("shortNames", () => {
  it("never lets two names of a list look the same", () => {
    const part = fc.oneof(
      fc.constantFrom(
        "layer",
        "layer.0",
        "layer.1",
        "depthwise",
        "Conv",
        "…",
        "",
        "Conv_output_0",
        "x".repeat(40),
      ),
      fc.string({ maxLength: 6 }),
    );
    const path = fc.array(part, { minLength: 1, maxLength: 7 }).map((parts) => parts.join("/"));
    fc.assert(
      fc.property(
        fc.uniqueArray(path, { maxLength: 20 }),
        fc.integer({ min: 4, max: 40 }),
        (names, length) => {
          const short = shortNames(names, length);
          expect(new Set(names.map(short)).size).toBe(names.length);
        },
      ),
    );
  });

  it("keeps the part that tells apart, and leaves alone what is told apart already", () => {
    const names = [
      "/layer/layer.0/depthwise/Conv_output_0",
      "/layer/layer.11/depthwise/Conv_output_0",
      "/head/Relu",
    ];
    const short = shortNames(names, 18);
    expect(names.map(short)).toEqual(["…/layer.0/…/Conv", "…/layer.11/…/Conv", "/head/Relu"]);
  });

  it("keeps what tells apart all that end alike, however they meet", () => {
    const blocks = [0, 1, 2].flatMap((i) =>
      ["depthwise", "pointwise"].map((kind) => `/blocks.${i}/${kind}/Conv_output_0`),
    );
    expect(blocks.map(shortNames(blocks, 18))).toEqual(blocks.map((name) => name.replace("_output_0", "")));
    const deeper = blocks.map((name) => `/encoder/stack${name}`);
    expect(shortNames(deeper, 18)(deeper[3] ?? "")).toBe("…/blocks.1/pointwise/Conv");
  });

  it("keeps the ending where it is all that differs", () => {
    expect(["x", "x_output_0"].map(shortNames(["x", "x_output_0"]))).toEqual(["x", "x_output_0"]);
  });

  it("shortens alone what is not in the list", () => {
    expect(shortNames(["a"])("/layer/layer.0/depthwise/Conv_output_0")).toBe("…/layer.0/depthwise/Conv");
  });
});
