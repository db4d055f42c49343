import { expect, test } from "vitest";
import type { NodeSummary } from "../../engine/reports.ts";
import { type CacheMark, NO_MARKS } from "./graph-marks.ts";
import type { SceneNode } from "./graph-scene.ts";
import { hiddenMarks, holdsAny, moduleOf } from "./group-marks.ts";
import { DIAMOND } from "./test-picture.ts";

const members: readonly NodeSummary[] = DIAMOND.nodes.slice(0, 3);
const keys = members.map((m) => m.key);
const [first = "", second = ""] = keys;
const group: SceneNode = {
  ...{ kind: "group", id: "g", title: "g", label: "", chips: "", family: "other", value: "" },
  members,
};
const { members: _, ...alone } = group;
const op: SceneNode = { ...alone, kind: "op", id: first };
const cache = (state: CacheMark["state"]): CacheMark => ({ state, frames: 1, bytes: 4, delay: 0 });
const output = (i: number) => members[i]?.outputs[0] ?? "";

test("a group holds what one of its ops holds, for every set that is asked about", () => {
  const held = new Set([second]);
  expect([holdsAny(held, group), holdsAny(held, group), holdsAny(held, op)]).toEqual([true, true, false]);
  expect(holdsAny(new Set(["elsewhere"]), group)).toBe(false);
  expect(holdsAny(new Set(), group)).toBe(false);
});

test("a group has a module only if it lies wholly in one", () => {
  const all = (module: (key: string) => number) => ({
    ...NO_MARKS,
    moduleOf: new Map(keys.map((k) => [k, module(k)])),
  });
  expect(moduleOf(NO_MARKS, group)).toBeUndefined();
  expect(
    moduleOf(
      all(() => 1),
      group,
    ),
  ).toBe(1);
  expect(
    moduleOf(
      all((k) => (k === second ? 0 : 1)),
      group,
    ),
  ).toBeUndefined();
});

test("marks inside a closed group are counted, removed caches are not", () => {
  const caches = new Map([
    [output(0), cache("accepted")],
    [output(1), cache("removed")],
    [output(2), cache("proposed")],
  ]);
  const splits = new Map([[output(1), { crossing: 1, bytes: 4 }]]);
  expect(hiddenMarks({ ...NO_MARKS, caches, splits }, group)).toBe("▣ 2  ✂ 1");
  expect(hiddenMarks({ ...NO_MARKS, splits }, group)).toBe("✂ 1");
  expect(hiddenMarks(NO_MARKS, group)).toBe("");
  expect(hiddenMarks({ ...NO_MARKS, caches }, op)).toBe("");
});
