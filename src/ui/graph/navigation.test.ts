import { describe, expect, test } from "vitest";
import { graphAction } from "./graph-keys.ts";
import { type GraphSelection, NO_MARKS } from "./graph-marks.ts";
import { markable, neighbour, nextMarked, nextTrouble } from "./navigation.ts";
import { DIAMOND, pictureFor } from "./test-picture.ts";

const picture = pictureFor(DIAMOND);
const node = (id: string): GraphSelection => ({ kind: "node", id });
const value = (id: string): GraphSelection => ({ kind: "value", id });
const go = (from: GraphSelection | undefined, direction: "next" | "previous" | "left" | "right") => {
  const v = neighbour(picture, from, direction);
  return v === undefined ? undefined : `${picture.scene.nodes[v]?.kind} ${picture.scene.nodes[v]?.id}`;
};

describe("arrows", () => {
  test("walk from the input down to the output and back", () => {
    expect(go(undefined, "next")).toBe("input x");
    expect(go(value("x"), "next")).toBe("op a");
    expect(go(node("d"), "next")).toBe("op e");
    expect(go(node("e"), "next")).toBe("output e");
    expect(go(value("e"), "next")).toBeUndefined();
    expect(go(node("e"), "previous")).toBe("op d");
    expect(go(node("a"), "previous")).toBe("input x");
  });

  test("prefer the next row over a skip, and go to siblings sideways", () => {
    expect(["op b", "op c"]).toContain(go(node("a"), "next"));
    const [left, right] = go(node("b"), "right") ? ["b", "c"] : ["c", "b"];
    expect(go(node(left), "right")).toBe(`op ${right}`);
    expect(go(node(right), "left")).toBe(`op ${left}`);
    expect(go(node("d"), "left")).toBeUndefined();
  });

  test("from a value to its maker and its first reader", () => {
    expect(go(value("a"), "previous")).toBe("op a");
    expect(go(value("a"), "next")).toBe("op b");
  });
});

test("refusals are visited in turn, round the end", () => {
  const marks = { ...NO_MARKS, refused: new Set(["b", "e"]) };
  const next = (from: GraphSelection | undefined, step: 1 | -1) =>
    picture.scene.nodes[nextTrouble(picture.scene, marks, from, step) ?? -1]?.id;
  expect([next(undefined, 1), next(node("b"), 1), next(node("e"), 1)]).toEqual(["b", "e", "b"]);
  expect([next(undefined, -1), next(node("b"), -1), next(node("d"), -1)]).toEqual(["e", "e", "b"]);
  expect(nextTrouble(picture.scene, NO_MARKS, node("b"), 1)).toBeUndefined();
});

test("while heat is shown the hot ops are visited, worst first, and what is harmless is left out", () => {
  const nodeHeat = new Map([
    ["a", 0.2],
    ["b", Number.POSITIVE_INFINITY],
    ["c", 0],
    ["d", 1.4],
    ["e", 1.1],
  ]);
  const marks = { ...NO_MARKS, refused: new Set(["c"]), nodeHeat };
  const walk = (step: 1 | -1) => {
    let from: GraphSelection | undefined;
    return [1, 2, 3, 4, 5].map(() => {
      const id = picture.scene.nodes[nextTrouble(picture.scene, marks, from, step) ?? -1]?.id ?? "";
      from = node(id);
      return id;
    });
  };
  expect(walk(1)).toEqual(["b", "d", "e", "a", "b"]);
  expect(walk(-1)).toEqual(["a", "e", "d", "b", "a"]);
  const harmless = { ...marks, nodeHeat: new Map([["a", 0]]) };
  expect(picture.scene.nodes[nextTrouble(picture.scene, harmless, undefined, 1) ?? -1]?.id).toBe("c");
});

test("M walks through caches and splits in data-flow order, round the end", () => {
  const cache = { state: "accepted", frames: 2, bytes: 8, delay: 0 } as const;
  const marks = {
    ...NO_MARKS,
    caches: new Map([["d", cache]]),
    splits: new Map([["a", { crossing: 1, bytes: 4 }]]),
  };
  const next = (from: GraphSelection | undefined, step: 1 | -1) =>
    picture.scene.nodes[nextMarked(picture.scene, marks, from, step) ?? -1]?.id;
  expect([next(undefined, 1), next(node("a"), 1), next(node("d"), 1)]).toEqual(["a", "d", "a"]);
  expect([next(undefined, -1), next(node("d"), -1)]).toEqual(["d", "a"]);
  expect(nextMarked(picture.scene, NO_MARKS, node("b"), 1)).toBeUndefined();
});

test("marks go to the selected value or the op's first output", () => {
  expect(markable(picture.scene, node("d"))).toBe("d");
  expect(markable(picture.scene, value("a"))).toBe("a");
  expect(markable(picture.scene, undefined)).toBeUndefined();
});

describe("keys", () => {
  const press = (key: string, more = {}) => ({
    key,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    shiftKey: false,
    isComposing: false,
    ...more,
  });
  test("letters can be switched off, arrows cannot", () => {
    expect(graphAction(press("c"), "on")).toEqual({ kind: "toggleCache" });
    expect(graphAction(press("c"), "off")).toBeUndefined();
    expect(graphAction(press("ArrowDown"), "off")).toEqual({ kind: "go", direction: "next" });
  });
  test("the browser's own shortcuts and input methods are left alone", () => {
    expect(graphAction(press("f", { ctrlKey: true }), "on")).toBeUndefined();
    expect(graphAction(press("0", { metaKey: true }), "on")).toBeUndefined();
    expect(graphAction(press("n", { isComposing: true }), "on")).toBeUndefined();
    expect(graphAction(press("constructor"), "on")).toBeUndefined();
  });
  test("Shift+arrows extend the selection, Space takes out of it", () => {
    const down = press("ArrowDown", { shiftKey: true });
    expect(graphAction(down, "off")).toEqual({ kind: "extend", direction: "next" });
    expect(graphAction(press(" "), "off")).toEqual({ kind: "toggleSelected" });
  });
  test("U and D follow, D the other way; Shift+D pans", () => {
    expect(graphAction(press("u"), "on")).toEqual({ kind: "follow", direction: "upstream" });
    expect(graphAction(press("d"), "on")).toEqual({ kind: "follow", direction: "downstream" });
    expect(graphAction(press("D", { shiftKey: true }), "on")).toMatchObject({ kind: "pan", dy: 0 });
    expect(graphAction(press("d"), "off")).toBeUndefined();
  });
  test("S splits, Shift+S pans, Shift+F10 opens the menu", () => {
    expect(graphAction(press("s"), "on")).toEqual({ kind: "toggleSplit" });
    expect(graphAction(press("S", { shiftKey: true }), "on")).toMatchObject({ kind: "pan", dx: 0 });
    expect(graphAction(press("F10", { shiftKey: true }), "on")).toEqual({ kind: "menu" });
  });
});
