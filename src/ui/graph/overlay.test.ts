import { describe, expect, test } from "vitest";
import { cacheText, pillRect, splitText } from "./chip-places.ts";
import { type CacheMark, type GraphMarks, NO_MARKS } from "./graph-marks.ts";
import { ROW_PX, scrollToRow, windowOf } from "./outline-rows.ts";
import { keepButtons, overlayOf, sameOverlay } from "./overlay.ts";
import { boxOf } from "./picture.ts";
import { DIAMOND, pictureFor, summaryOf } from "./test-picture.ts";

const mark: CacheMark = { state: "accepted", frames: 2, bytes: 512, delay: 0, channels: 64 };
const size = { width: 800, height: 600 };
const view = { scale: 1, panX: 0, panY: 0 };
const long = summaryOf(
  Array.from({ length: 300 }, (_, i) => ["Conv", [i === 0 ? "x" : `v${i - 1}`], `v${i}`] as const),
);
const everywhere: GraphMarks = { ...NO_MARKS, caches: new Map(long.values.map((v) => [v.name, mark])) };

describe("chips", () => {
  test("say frames, channels, bytes and delay", () => {
    expect(cacheText(mark)).toBe("2×64 · 512 B");
    expect(cacheText({ state: "forced", frames: 4, bytes: 1024, delay: 3 })).toBe("4×64 · 1 kB · ◷3");
    expect(splitText({ crossing: 3, bytes: 768 })).toBe("3 · 768 B");
  });

  test("stand at marked values; unknown values have none", () => {
    const marks = {
      ...NO_MARKS,
      caches: new Map([
        ["a", mark],
        ["gone", mark],
      ]),
      splits: new Map([["d", { crossing: 1, bytes: 4 }]]),
    };
    const { chips } = overlayOf(pictureFor(DIAMOND), marks, undefined, view, size);
    expect(chips.map((c) => `${c.kind} ${c.value}`)).toEqual(["cache a", "split d"]);
  });

  test("are at most 100, only glyphs at middle zoom, and none where they would cover a large graph", () => {
    const picture = pictureFor(long, "auto");
    const at = (scale: number) =>
      overlayOf(picture, everywhere, undefined, { scale, panX: 0, panY: 0 }, { width: 4000, height: 4000 });
    expect(at(0.3).chips).toHaveLength(100);
    expect(at(0.3).chips.every((c) => c.compact)).toBe(true);
    expect(at(0.1).chips).toEqual([]);
    expect(at(0.65).chips.every((c) => c.compact)).toBe(true);
    // All but those at a fold, whose neighbours are near.
    expect(at(1).chips.filter((c) => c.compact).length).toBeLessThan(10);
  });

  test("are only glyphs where their texts would cover each other or a box", () => {
    const wide = summaryOf([
      ["Conv", ["x"], "a"],
      ...["b", "c", "d", "e", "f"].map((v) => ["Relu", ["a"], v] as const),
      ["Concat", ["b", "c", "d", "e", "f"], "y"],
    ]);
    const marks = { ...NO_MARKS, caches: new Map(["b", "c", "d", "e", "f"].map((v) => [v, mark])) };
    const { chips } = overlayOf(pictureFor(wide), marks, undefined, view, size);
    expect(chips.filter((c) => c.compact).length).toBeGreaterThan(0);
    expect(chips).toHaveLength(5);
  });

  test("of a folded edge stand below its box, one at each side of the pill", () => {
    const picture = pictureFor(long, 2000);
    const fold = picture.scene.edges.find((_, e) => picture.layout.portal[e]);
    if (!fold) throw new Error("nothing is folded");
    const { value, source } = fold;
    const marks = {
      ...NO_MARKS,
      caches: new Map([[value, mark]]),
      splits: new Map([[value, { crossing: 1, bytes: 4 }]]),
    };
    const far = { width: 1e5, height: 1e5 };
    const { chips, portals } = overlayOf(picture, marks, undefined, view, far);
    const pill = portals.find((p) => p.key === `source:${source}`);
    if (!pill) throw new Error("no pill");
    const { left, right } = pillRect(pill, 1);
    const [cache, split] = chips;
    expect(cache?.at.x).toBeGreaterThan(right - 9);
    expect(split?.at.x).toBeLessThan(left + 9);
    for (const chip of chips) expect(chip.at.y - 10).toBeGreaterThan(boxOf(picture, source).bottom);
  });
});

describe("portals", () => {
  test("come in pairs that point at each other's box", () => {
    const picture = pictureFor(long, 2000);
    const { portals } = overlayOf(picture, NO_MARKS, undefined, view, { width: 1e5, height: 1e5 });
    expect(portals.length).toBe(2 * (picture.layout.columnCount - 1));
    for (const p of portals.filter((q) => q.end === "source"))
      expect(picture.scene.nodes[p.to]?.title).toBe("Conv");
    expect(portals.every((p) => p.align === "middle")).toBe(true);
  });
});

test("the DOM layer stays while only the pan changes a little", () => {
  const picture = pictureFor(DIAMOND);
  const at = (panX: number, selection?: { kind: "node"; id: string }) =>
    overlayOf(picture, NO_MARKS, selection, { ...view, panX }, size);
  expect(sameOverlay(at(0), at(30))).toBe(true);
  expect(sameOverlay(at(0), at(0, { kind: "node", id: "b" }))).toBe(false);
  expect(at(0, { kind: "node", id: "b" }).selected).toBeDefined();
});

describe("outline", () => {
  test("keeps a window of rows and scrolls as little as needed", () => {
    expect(windowOf(10_000, 5000 * ROW_PX, 600)).toEqual({ first: 4988, last: 5034 });
    expect(windowOf(3, 0, 600)).toEqual({ first: 0, last: 3 });
    expect(scrollToRow(2, 0, 600)).toBe(0);
    expect(scrollToRow(100, 0, 560)).toBe(101 * ROW_PX - 560);
    expect(scrollToRow(1, 500, 560)).toBe(ROW_PX);
  });
});

test("buttons that stay the same are the same objects: a mark makes only its own anew", () => {
  const picture = pictureFor(long, 2000);
  const at = (marks: GraphMarks) =>
    overlayOf(picture, marks, undefined, view, { width: 1e5, height: 1e5 }, 1000);
  const before = at(everywhere);
  const removed = { ...mark, state: "removed" as const };
  const after = keepButtons(
    before,
    at({ ...everywhere, caches: new Map([...everywhere.caches, ["v3", removed]]) }),
  );
  const changed = after.chips.filter((chip, i) => chip !== before.chips[i]);
  expect(changed.map(({ value, mark: now }) => [value, now])).toEqual([["v3", removed]]);
  expect(after.portals.length).toBeGreaterThan(0);
  expect(after.portals.every((portal, i) => portal === before.portals[i])).toBe(true);
});

test("a button that moves or says something else is made anew", () => {
  const picture = pictureFor(long, 2000);
  const near = overlayOf(picture, everywhere, undefined, view, size);
  const afar = overlayOf(picture, everywhere, undefined, { ...view, scale: 0.5 }, size);
  const kept = keepButtons(near, afar);
  expect(kept).toEqual(afar);
});

test("every piece of an open group says whose it is, the first one without a number", () => {
  const group = { id: "g", label: "encoder", first: 10, end: 290, children: [] };
  const picture = pictureFor(long, "auto", { groups: [group], open: new Set(["g"]) });
  const pieces = picture.frames[0]?.rects ?? [];
  expect(pieces.length).toBeGreaterThan(2);
  const whole = { width: 60_000, height: 9000 };
  const { frames } = overlayOf(picture, NO_MARKS, undefined, { scale: 1, panX: 0, panY: 0 }, whole);
  const numbered = pieces.slice(1).map((_, i) => `encoder · ${i + 2}/${pieces.length}`);
  expect(frames.map((f) => f.label)).toEqual(["encoder", ...numbered]);
  expect(new Set(frames.map((f) => f.id)).size).toBe(pieces.length);
  expect(new Set(frames.map((f) => f.closes))).toEqual(new Set(["g"]));
});
