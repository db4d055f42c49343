import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { branch, chain } from "../../../test/synthetic-graphs.ts";
import { findRepeats } from "./find-repeats.ts";
import { groupNodes } from "./group-nodes.ts";
import type { NodeGroup } from "./node-group.ts";

const inputOf = ({ nodes }: ReturnType<typeof chain>, named = true) => ({
  names: nodes.map((n) => (named ? n.name : "")),
  ops: nodes.map((n) => n.op),
});

/** Boxes of a level whose groups are closed. */
function boxes(groups: readonly NodeGroup[], first: number, end: number): number {
  return groups.length + end - first - groups.reduce((n, g) => n + g.end - g.first, 0);
}

function expectNested(groups: readonly NodeGroup[], first: number, end: number, ids: Set<string>): void {
  let at = first;
  for (const g of groups) {
    expect(g.first).toBeGreaterThanOrEqual(at);
    expect(g.end).toBeGreaterThan(g.first + 1);
    expect(ids.has(g.id)).toBe(false);
    ids.add(g.id);
    expectNested(g.children, g.first, g.end, ids);
    at = g.end;
  }
  expect(at).toBeLessThanOrEqual(end);
}

describe("groups", () => {
  test("follow the scopes of the names", () => {
    const groups = groupNodes(inputOf(chain(1000)));
    expect(groups.map((g) => g.label)).toEqual(["stage_0", "stage_1", "stage_2", "stage_3", "stage_4"]);
    expect(groups[0]?.children.map((g) => g.label).slice(0, 2)).toEqual(["block_0", "block_1"]);
  });

  test("without scopes are the repeated blocks", () => {
    const groups = groupNodes(inputOf(chain(1000), false));
    expect(groups).toHaveLength(100);
    expect(new Set(groups.map((g) => g.end - g.first))).toEqual(new Set([10]));
  });

  test("give every level a number of boxes that can be surveyed", () => {
    for (const named of [true, false]) {
      for (const graph of [chain(20_000), branch(20_000)]) {
        const check = (groups: readonly NodeGroup[], first: number, end: number): void => {
          expect(boxes(groups, first, end)).toBeLessThanOrEqual(201);
          for (const g of groups) check(g.children, g.first, g.end);
        };
        check(groupNodes(inputOf(graph, named)), 0, graph.nodes.length);
      }
    }
  });

  test("a node that lost its name stays in its surroundings", () => {
    const names = ["/a/b/X", "/a/b/Y", "", "/a/b/Z", "/a/c/X", "/a/c/Y"];
    const [a] = groupNodes({ names, ops: names.map(() => "Relu") });
    expect(a?.children.map((g) => [g.label, g.first, g.end])).toEqual([
      ["b", 0, 4],
      ["c", 4, 6],
    ]);
  });

  test("are nested, disjoint and named once, whatever the names", () => {
    const name = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 4 }).map((parts) => parts.join("/"));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, fc.constantFrom("Conv", "Relu", "Add")), { maxLength: 400 }),
        (nodes) => {
          const groups = groupNodes({ names: nodes.map(([n]) => n), ops: nodes.map(([, op]) => op) });
          expectNested(groups, 0, nodes.length, new Set());
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("repeats", () => {
  test("are equal turns", () => {
    const token = fc.constantFrom("a", "b", "c");
    fc.assert(
      fc.property(fc.array(token, { maxLength: 60 }), (tokens) => {
        for (const { start, period, count } of findRepeats(tokens)) {
          for (let i = start; i < start + (count - 1) * period; i++)
            expect(tokens[i]).toBe(tokens[i + period]);
        }
      }),
    );
  });

  test("take the shortest period", () => {
    const block = ["Conv", "Relu", "Conv", "Add"];
    const tokens = ["Pad", ...block, ...block, ...block, ...block, "Gemm"];
    expect(findRepeats(tokens)).toEqual([{ start: 1, period: 4, count: 4 }]);
    expect(findRepeats(Array.from({ length: 50 }, () => "Relu"))).toEqual([]);
  });
});
