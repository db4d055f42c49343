import { describe, expect, test } from "vitest";
import { chain } from "../../../test/synthetic-graphs.ts";
import { groupNodes } from "../../core/layout/group-nodes.ts";
import { buildScene, selectedNode } from "./graph-scene.ts";
import { neighbour } from "./navigation.ts";
import { boxOf } from "./picture.ts";
import { measure, pictureFor, summaryOf } from "./test-picture.ts";

const { nodes, edges } = chain(100);
const summary = summaryOf(
  nodes.map(({ op }, i) => {
    const read = edges.filter(([, to]) => to === i).map(([from]) => `v${from}`);
    return [op, read.length > 0 ? read : ["x"], `v${i}`] as const;
  }),
);
const groups = groupNodes({ names: nodes.map((n) => n.name), ops: nodes.map((n) => n.op) });
const none: ReadonlySet<string> = new Set();
const [stage] = groups;
const [first, second] = stage?.children ?? [];

describe("groups in the picture", () => {
  test("closed, are one box with one edge per value", () => {
    const scene = buildScene(summary, measure, { groups, open: none });
    expect(scene.nodes.map((n) => n.kind)).toEqual(["input", "group", "output"]);
    expect(scene.edges.map((e) => e.value)).toEqual(["x", "v99"]);
    expect(selectedNode(scene, { kind: "node", id: "v42" })).toBe(1);
  });

  test("open, are their contents in a frame, and going on with the arrows", () => {
    const open = new Set([stage?.id ?? "", second?.id ?? ""]);
    const picture = pictureFor(summary, 0, { groups, open });
    const { scene, frames } = picture;
    expect(scene.nodes.filter((n) => n.kind === "group")).toHaveLength(9);
    expect(scene.nodes.filter((n) => n.kind === "op")).toHaveLength(10);
    expect(frames.map((f) => f.label)).toEqual(["stage_0", "block_1"]);
    const inner = frames[1]?.rects[0];
    const member = boxOf(picture, scene.nodeOfOp.get("v15") ?? -1);
    expect(inner && inner.left < member.left && inner.bottom > member.bottom).toBe(true);
    const box = neighbour(picture, { kind: "group", id: first?.id ?? "" }, "next");
    expect(scene.nodes[box ?? -1]?.id).toBe("v10");
  });

  test("all open, are the plain picture", () => {
    const plain = buildScene(summary, measure);
    const open = buildScene(summary, measure, { groups, open: "all" });
    expect(open.layoutInput).toEqual(plain.layoutInput);
    expect(open.frames).toEqual([]);
  });
});
