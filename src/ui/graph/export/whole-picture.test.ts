import { describe, expect, test } from "vitest";
import { NO_MARKS } from "../graph-marks.ts";
import type { Painter } from "../painter.ts";
import { LIGHT } from "../palette.ts";
import { DIAMOND, measure, pictureFor } from "../test-picture.ts";
import { SvgPainter } from "./svg-painter.ts";
import { parseXml, textsIn } from "./test-xml.ts";
import { paintTile, paintWhole, placeAllLabels, type WholeInput, wholePicture } from "./whole-picture.ts";

const input: WholeInput = {
  picture: pictureFor(DIAMOND),
  marks: {
    ...NO_MARKS,
    caches: new Map([["a", { state: "accepted", frames: 2, bytes: 64, delay: 0 }]]),
    splits: new Map([["d", { crossing: 1, bytes: 32 }]]),
  },
  selection: { kind: "node", id: "d" },
  palette: LIGHT,
  measure,
  title: "a <b> & c",
  legend: [{ look: { kind: "swatch", color: LIGHT.cache }, text: "cache" }],
  scale: 1,
};

function drain<Result>(steps: Generator<number, Result>): { done: readonly number[]; result: Result } {
  const done: number[] = [];
  for (;;) {
    const step = steps.next();
    if (step.done) return { done, result: step.value };
    done.push(step.value);
  }
}

/** Writes down texts with their place in the file. */
function textRecorder(texts: Set<string>, offset: { x: number; y: number }): Painter {
  let view = { scale: 1, panX: 0, panY: 0 };
  const skip = () => {};
  return {
    ...{ boxes: skip, edges: skip, arrows: skip, lines: skip },
    begin: (next) => {
      view = next;
    },
    text: (text, x, y) => {
      const [px, py] = [x * view.scale + view.panX + offset.x, y * view.scale + view.panY + offset.y];
      texts.add(`${text} ${px.toFixed(2)} ${py.toFixed(2)}`);
    },
  };
}

describe("the whole graph as a file", () => {
  test("every op, edge label, chip, title and legend is in the SVG once", () => {
    const whole = wholePicture(input);
    const painter = new SvgPainter(whole.size, input.title);
    const { done } = drain(paintWhole(painter, whole));
    expect([...done].sort((a, b) => a - b)).toEqual(done);
    const root = parseXml(painter.finish().join(""));
    expect(root.attributes).toMatchObject({ width: `${whole.size.width}`, height: `${whole.size.height}` });
    const texts = textsIn(root, "text");
    for (const op of ["Conv", "Relu", "Sigmoid", "Mul", "Add", "cache", "a <b> & c"])
      expect(texts.filter((t) => t === op)).toHaveLength(1);
    expect(texts.filter((t) => t.startsWith("▣"))).toHaveLength(1);
    expect(texts.filter((t) => t.startsWith("✂"))).toHaveLength(1);
    expect(texts.some((t) => t.includes("1×8×T"))).toBe(true);
  });

  test.each([1, 0.7, 0.4])("at scale %s tiles show together what the whole shows", (scale) => {
    const whole = wholePicture({ ...input, scale });
    const all = new Set<string>();
    drain(paintWhole(textRecorder(all, { x: 0, y: 0 }), whole));
    const labels = drain(placeAllLabels(whole)).result;
    const tiled = new Set<string>();
    const { width, height } = whole.size;
    for (let top = 0; top < height; top += 64)
      for (let left = 0; left < width; left += 90)
        paintTile(textRecorder(tiled, { x: left, y: top }), whole, labels, {
          left,
          top,
          right: Math.min(width, left + 90),
          bottom: Math.min(height, top + 64),
        });
    expect([...tiled].sort()).toEqual([...all].sort());
  });

  test("the legend stands above the graph and makes the file taller", () => {
    const legend = Array.from({ length: 30 }, () => input.legend).flat();
    const [few, many] = [wholePicture(input), wholePicture({ ...input, legend })];
    expect(many.block.height).toBeGreaterThan(few.block.height);
    expect(many.size.height - few.size.height).toBeCloseTo(many.block.height - few.block.height);
    expect(Math.max(...many.block.items.map((i) => i.y))).toBeLessThan(many.block.height);
  });
});
