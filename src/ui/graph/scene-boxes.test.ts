import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { backendCases, sampleOf } from "../../../test/backend-tests.ts";
import { sharedData } from "../../../test/shared-data.ts";
import { GraphSketch } from "../../../test/stream-lab.ts";
import { encodeModel } from "../../core/format/onnx/encode-model.ts";
import type { Graph } from "../../core/ir/graph.ts";
import { makeNode } from "../../core/ir/graph.ts";
import { floatTensor } from "../../core/ir/tensor.ts";
import { inspectTensor } from "../../engine/inspect-tensor.ts";
import { openModel } from "../../engine/open-model.ts";
import type { ModelSummary } from "../../engine/reports.ts";
import { summarize } from "../../engine/summarize.ts";
import { allNodes } from "../../state/select/all-nodes.ts";
import { bodyId } from "../../state/select/bodies.ts";

import { NO_MARKS } from "./graph-marks.ts";
import { buildScene, type GraphScene, selectedNode } from "./graph-scene.ts";
import { searchStops } from "./search.ts";
import { stopsOf } from "./stops.ts";
import { measure, pictureFor } from "./test-picture.ts";

/** relu(x) + c in one branch, x itself in the other. */
function branch(kind: "then" | "else"): Graph {
  const then = [makeNode("Relu", ["h"], ["inner"]), makeNode("Add", ["inner", "c"], ["out"])];
  return {
    name: kind,
    inputs: [],
    outputs: [{ name: "out", dtype: "float32" }],
    initializers: new Map(kind === "then" ? [["c", floatTensor([0.5, 2], [2])]] : []),
    nodes: kind === "then" ? then : [makeNode("Identity", ["h"], ["out"])],
    values: new Map(),
  };
}

function opened() {
  const g = new GraphSketch();
  const x = g.input("x", [1, 2]);
  const h = g.op("Neg", [x], {}, "h");
  const sketch = g.model([g.op("Tanh", [g.branches("condition", branch("then"), branch("else"), "y")]), h]);
  const inputs = [...sketch.graph.inputs, { name: "condition", dtype: "bool", shape: [] } as const];
  const model = { ...sketch, graph: { ...sketch.graph, inputs } };
  return openModel([{ name: "if.onnx", bytes: encodeModel(model) }]);
}

const model = opened();
const summary = summarize(model);
const [owner = ""] = summary.nodes.flatMap((n) => (n.subgraphs ? [n.key] : []));
const open = { groups: [], open: "all", bodies: new Set([owner]) } as const;
const wires = (scene: GraphScene) =>
  scene.edges
    .map(({ source, target }) => `${scene.nodes[source]?.title} > ${scene.nodes[target]?.title}`)
    .sort();

describe("an If", () => {
  test("closed it is one box that reads what its branches read", () => {
    const scene = buildScene(summary, measure);
    expect(wires(scene)).toContain("Neg > ⊞ If");
    expect(scene.nodes.find((n) => n.id === owner)?.opens).toBe(bodyId(owner));
    const inner = summary.nodes.find((n) => n.key === owner)?.subgraphs?.[0]?.nodes[0]?.key ?? "";
    // What is inside is shown by the box that holds it.
    expect(selectedNode(scene, { kind: "node", id: inner })).toBe(scene.nodeOfOp.get(owner));
  });

  test("open, its branches stand before it, framed, fed from outside, and what they give goes into it", () => {
    const scene = buildScene(summary, measure, open);
    expect(wires(scene)).toEqual(
      ["x > Neg", "Neg > Relu", "Relu > Add", "Neg > Identity", "Add > If", "Identity > If"]
        .concat(["condition > If", `If > Tanh`, `Neg > h`])
        .concat(wires(scene).filter((w) => w.startsWith("Tanh >")))
        .sort(),
    );
    expect(scene.frames.map((f) => [f.label.split(" ")[0], f.end - f.first])).toEqual([
      ["If", 4],
      ["then_branch", 2],
      ["else_branch", 1],
    ]);
    expect(scene.frames.every((f) => f.closes === bodyId(owner))).toBe(true);
    expect(scene.nodes.find((n) => n.title === "Add")?.chips).toBe("2");
  });

  test("open, its branches stand below each other, so that their frames do not meet", () => {
    const { frames } = pictureFor(summary, 0, open);
    const [upper, lower] = frames.slice(1).map((f) => f.rects[0]);
    expect(upper?.bottom).toBeLessThan(lower?.top ?? 0);
  });

  test("what is inside is found, and its values answer", () => {
    const found = searchStops(summary, NO_MARKS, "op:relu").map((v) => stopsOf(summary)[v]?.id);
    expect(found).toEqual([`${owner} › then_branch › inner`]);
    const name = allNodes(summary).initializers.find((i) => i.name.endsWith("c"))?.name ?? "";
    expect(inspectTensor(model, name)?.first).toEqual([0.5, 2]);
    expect(inspectTensor(model, "nothing › here › c")).toBeUndefined();
  });
});

/** Everything at once: every op once, every value that is read comes from a box, frames hold whole runs. */
function expectWhole(summary: ModelSummary): void {
  const { nodes, initializers } = allNodes(summary);
  const bodies = new Set(nodes.flatMap((n) => (n.subgraphs ? [n.key] : [])));
  const scene = buildScene(summary, measure, { groups: [], open: "all", bodies });
  expect(
    scene.nodes
      .filter((n) => n.kind === "op")
      .map((n) => n.id)
      .sort(),
  ).toEqual(nodes.map((n) => n.key).sort());
  const constant = new Set(initializers.map((i) => i.name));
  for (const node of nodes)
    for (const input of node.inputs)
      if (input !== "" && !constant.has(input)) expect(scene.producerOf.has(input), input).toBe(true);
  for (const { source, target } of scene.edges) expect(source).toBeLessThan(target);
  for (const { first, end } of scene.frames) expect(end).toBeGreaterThan(first);
  pictureFor(summary, "auto", { groups: [], open: "all", bodies });
}

const read = (path: string) =>
  summarize(openModel([{ name: "m.onnx", bytes: new Uint8Array(readFileSync(path)) }]));

describe("real files", () => {
  const silero = sharedData("models/snakers4__silero-vad/silero_vad_16k_op15.onnx");
  test.skipIf(!silero)("silero-vad: five Ifs that depend on the rate", () => {
    const summary = read(silero ?? "");
    expect(summary.nodes.filter((n) => n.subgraphs)).toHaveLength(5);
    expectWhole(summary);
  });

  const cases = backendCases().filter(({ name }) => /^test_(if|loop|scan|sequence_map)/.test(name));
  test.skipIf(cases.length === 0)("backend tests with control flow", () => {
    let held = 0;
    for (const { modelFile } of sampleOf(cases, 40)) {
      const summary = read(modelFile);
      held += summary.nodes.filter((n) => n.subgraphs).length;
      expectWhole(summary);
    }
    expect(held).toBeGreaterThan(5);
  });
});
