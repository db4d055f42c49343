import { describe, expect, test } from "vitest";
import { type GraphMarks, NO_MARKS } from "./graph-marks.ts";
import { nextFound, searchStops } from "./search.ts";
import { stopsOf } from "./stops.ts";
import { DIAMOND } from "./test-picture.ts";

const summary = {
  ...DIAMOND,
  inputs: [{ name: "x", dtype: "float32", shape: [1, 8, "T"] }],
  initializers: [{ name: "w", dtype: "int8", shape: [8, 8, 3], bytes: 192 }],
  nodes: DIAMOND.nodes.map((n) =>
    n.op === "Conv" ? { ...n, attributes: { group: "2", pads: "[1, 1]" } } : n,
  ),
} as const;
const marks: GraphMarks = {
  ...NO_MARKS,
  splits: new Map([["c", { crossing: 1, bytes: 4 }]]),
  refused: new Set(["e"]),
  errors: new Map([
    ["a", 0.02],
    ["d", 0.3],
  ]),
};
const find = (query: string) => searchStops(summary, marks, query).map((v) => stopsOf(summary)[v]?.id);

describe("search", () => {
  test.each([
    ["", ["x", "a", "b", "c", "d", "e", "e"]],
    [" CONV ", ["a"]],
    ["nothing", []],
    // Words are found within a name, not across the end of one and the start of the next.
    ["conva", []],
    ["op:mul", ["d"]],
    ["shape:8x8x*", ["a"]],
    ["shape:1×8", []],
    ["dtype:int8", ["a"]],
    ["dtype:float32", ["x", "a"]],
    ["attr:group", ["a"]],
    ["attr:group=2", ["a"]],
    ["attr:group=3", []],
    ["#2", ["a"]],
    ["err>0.1", ["d"]],
    ["err>0.01 op:conv", ["a"]],
    ["marked", ["c", "e"]],
    ["marked op:add", ["e"]],
    ["err>0.1 marked", []],
    ["#99", []],
    ["dtype:int4", []],
  ])("%s", (query, found) => expect(find(query)).toEqual(found));
});

test("next and previous walk through what is found, round the ends", () => {
  const found = [2, 5, 9];
  expect([-1, 2, 4, 9].map((at) => nextFound(found, at, 1))).toEqual([2, 5, 5, 2]);
  expect([-1, 2, 4, 9].map((at) => nextFound(found, at, -1))).toEqual([9, 9, 2, 5]);
  expect(nextFound([], 3, 1)).toBeUndefined();
});
