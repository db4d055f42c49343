import { describe, expect, test } from "vitest";
import { buildScene, selectedNode } from "./graph-scene.ts";
import { DIAMOND, measure, summaryOf } from "./test-picture.ts";

const scene = buildScene(DIAMOND, measure);

describe("scene", () => {
  test("inputs, ops and outputs are boxes; constants are chips of their readers", () => {
    expect(scene.nodes.map((n) => `${n.kind} ${n.title} ${n.label} ${n.chips}`.trim())).toEqual([
      "input x 1×8×T",
      "op Conv a W 8×8×3",
      "op Relu b",
      "op Sigmoid c",
      "op Mul d",
      "op Add e",
      "output e 1×8×T",
    ]);
  });

  test("one edge per value and reader, in the order of the layout's input", () => {
    expect(scene.edges.map((e) => `${e.value}:${e.source}>${e.target}`)).toEqual([
      "x:0>1",
      "a:1>2",
      "a:1>3",
      "b:2>4",
      "c:3>4",
      "d:4>5",
      "a:1>5",
      "e:5>6",
    ]);
    expect([...scene.layoutInput.edges]).toEqual(scene.edges.flatMap((e) => [e.source, e.target]));
    expect(scene.edgesOf.get("a")).toEqual([1, 2, 6]);
  });

  test("a value read twice by one op is one edge", () => {
    expect(buildScene(summaryOf([["Mul", ["x", "x"], "y"]]), measure).edges).toHaveLength(2);
  });

  test("boxes are wide enough for their texts", () => {
    for (const [v, node] of scene.nodes.entries()) {
      const text = Math.max(...[node.title, node.label, node.chips].map((t) => t.length * 7));
      expect(scene.layoutInput.sizes[2 * v]).toBeGreaterThan(text + 15);
    }
  });

  test("selecting an op, an input or an output finds its box; a value inside has none", () => {
    expect(selectedNode(scene, { kind: "node", id: "d" })).toBe(4);
    expect(selectedNode(scene, { kind: "value", id: "x" })).toBe(0);
    expect(selectedNode(scene, { kind: "value", id: "e" })).toBe(6);
    expect(selectedNode(scene, { kind: "value", id: "a" })).toBeUndefined();
    expect(selectedNode(scene, { kind: "node", id: "gone" })).toBeUndefined();
  });
});
