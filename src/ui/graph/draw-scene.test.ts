import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { detailAt, drawScene } from "./draw-scene.ts";
import { type GraphMarks, type GraphSelection, NO_MARKS } from "./graph-marks.ts";
import type { BoxStyle, Painter, Stroke, TextStyle } from "./painter.ts";
import { DARK, LIGHT, type Palette, readPalette } from "./palette.ts";
import { DIAMOND, measure, pictureFor } from "./test-picture.ts";

/** A painter that writes down what it is asked for: a second back end, as an SVG writer would be. */
function recorder() {
  const boxes: { rects: readonly number[]; style: BoxStyle }[] = [];
  const strokes: Stroke[] = [];
  const texts: { text: string; x: number; y: number; style: TextStyle }[] = [];
  const painter: Painter = {
    begin: () => {},
    boxes: (rects, style) => boxes.push({ rects, style }),
    edges: (lines, stroke) => lines.length > 0 && strokes.push(stroke),
    arrows: () => {},
    lines: (ends, stroke) => ends.length > 0 && strokes.push(stroke),
    text: (text, x, y, style) => texts.push({ text, x, y, style }),
  };
  return { painter, boxes, strokes, texts };
}

const picture = pictureFor(DIAMOND);
function draw(scale: number, marks: GraphMarks = NO_MARKS, selection?: GraphSelection) {
  const record = recorder();
  const view = { scale, panX: 0, panY: 0 };
  const size = { width: 2000, height: 2000 };
  drawScene(record.painter, {
    picture,
    marks,
    selection,
    hover: undefined,
    palette: LIGHT,
    view,
    size,
    measure,
    covered: [],
  });
  return record;
}

describe("level of detail", () => {
  test("boxes, outlines, text", () => {
    expect([0.1, 0.25, 0.59, 0.6].map(detailAt)).toEqual(["boxes", "outlines", "outlines", "text"]);
    expect(draw(0.1).texts).toEqual([]);
    expect(draw(0.7).texts.map((t) => t.text)).toContain("W 8×8×3");
    expect(draw(0.7).texts.map((t) => t.text)).not.toContain(" 1×8×T");
  });

  test("close up, edges carry value and shape, time emphasised", () => {
    const marks = { ...NO_MARKS, timeAxis: new Map([["d", 2]]) };
    const { texts } = draw(1, marks);
    expect(texts.filter((t) => t.style.weight === "bold").map((t) => t.text)).toEqual(["T"]);
  });
});

describe("marks", () => {
  const marks: GraphMarks = {
    ...NO_MARKS,
    caches: new Map([["a", { state: "proposed", frames: 2, bytes: 64, delay: 0 }]]),
    splits: new Map([["d", { crossing: 2, bytes: 64 }]]),
    crossing: new Set(["d", "a"]),
    refused: new Set(["b"]),
    moduleOf: new Map([
      ["a", 0],
      ["b", 1],
    ]),
  };

  test("whatever is marked, selected or coloured, no box moves", () => {
    const titles = new Set(picture.scene.nodes.map((node) => node.title));
    const places = (...given: Parameters<typeof draw>) =>
      draw(...given).texts.flatMap(({ text, x, y, style }) =>
        style.face === "title" && titles.has(text) ? [{ text, x, y }] : [],
      );
    const still = places(1);
    expect(still.length).toBe(picture.scene.nodes.length);
    const names = fc.subarray(["x", "a", "b", "c", "d"]);
    const cache = { state: "proposed", frames: 2, bytes: 64, delay: 0 } as const;
    const split = { crossing: 1, bytes: 64 };
    fc.assert(
      fc.property(
        names,
        names,
        names,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (some, others, third, heat) => {
          const marked: GraphMarks = {
            ...NO_MARKS,
            caches: new Map(some.map((v) => [v, cache])),
            splits: new Map(others.map((v) => [v, split])),
            crossing: new Set(others),
            refused: new Set(third),
            approximate: new Set(some),
            moduleOf: new Map(third.map((v, i) => [v, i])),
            nodeHeat: new Map(others.map((v) => [v, heat])),
          };
          const [id] = third;
          expect(places(1, marked, id === undefined ? undefined : { kind: "node", id })).toEqual(still);
        },
      ),
    );
  });

  test("a proposed cache is dashed, a cut is a dashed line across, refusals are ringed", () => {
    const { strokes, boxes } = draw(1, marks);
    expect(strokes.some((s) => s.color === LIGHT.cache && s.dash)).toBe(true);
    expect(strokes.some((s) => s.color === LIGHT.split && s.dash)).toBe(true);
    expect(boxes.some((b) => b.style.stroke?.color === LIGHT.bad)).toBe(true);
  });

  test("move no box", () => {
    const outlines = (m: GraphMarks) =>
      draw(1, m)
        .boxes.filter((b) => b.style.stroke?.color === LIGHT.border)
        .flatMap((b) => b.rects)
        .sort((a, b) => a - b);
    expect(outlines(marks)).toEqual(outlines(NO_MARKS));
  });
});

describe("palette", () => {
  const channel = (c: number) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const luminance = (hex: string) => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((i) =>
      channel(Number.parseInt(hex.slice(i, i + 2), 16) / 255),
    );
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a: string, b: string) => {
    const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (light + 0.05) / (dark + 0.05);
  };
  const under = (p: Palette) => [p.background, p.surface, ...p.modules];

  test.each([["light", LIGHT] as const, ["dark", DARK] as const])(
    "%s: lines 3:1, texts 4.5:1 (WCAG 1.4.3, 1.4.11)",
    (_, p) => {
      for (const line of [p.edge, p.cache, p.split, p.bad, p.accent, p.border])
        expect(contrast(line, p.background)).toBeGreaterThanOrEqual(3);
      for (const strip of Object.values(p.family))
        for (const fill of under(p)) expect(contrast(strip, fill)).toBeGreaterThanOrEqual(3);
      for (const text of [p.text, p.mutedText])
        for (const fill of under(p)) expect(contrast(text, fill)).toBeGreaterThanOrEqual(4.5);
      expect(contrast(p.accent, p.background)).toBeGreaterThanOrEqual(4.5);
    },
  );

  test("the page's variables win over the defaults", () => {
    const palette = readPalette("dark", (name) => (name === "--mark-cache" ? " #123456 " : ""));
    expect(palette.cache).toBe("#123456");
    expect(palette.split).toBe(DARK.split);
  });
});
