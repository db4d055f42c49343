import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sharedData } from "../../../../test/shared-data.ts";
import { intAttribute, stringAttribute } from "../../ir/graph.ts";
import { longTensor } from "../../ir/tensor.ts";
import { decodeEspdlModel } from "./decode-espdl.ts";
import type { EspdlGraph, EspdlNode } from "./espdl-model.ts";
import { findFaults } from "./find-faults.ts";
import { smallModel } from "./small-model.fixture.ts";

const model = smallModel();
const { graph } = model;

const faultsOf = (change: Partial<EspdlGraph>): string[] =>
  findFaults({ ...model, graph: { ...graph, ...change } }).map(({ where, what }) =>
    [`${where}:`, ...Object.values(what)].join(" "),
  );

/** The graph's nodes with one of them changed. */
function nodesWith(op: string, change: (node: EspdlNode) => Partial<EspdlNode>): { nodes: EspdlNode[] } {
  return { nodes: graph.nodes.map((n) => (n.op === op ? { ...n, ...change(n) } : n)) };
}

function without(node: EspdlNode, attribute: string): Partial<EspdlNode> {
  const attributes = Object.entries(node.attributes).filter(([name]) => name !== attribute);
  return { attributes: Object.fromEntries(attributes) };
}

function replaced<T>(map: ReadonlyMap<string, T>, name: string, change: Partial<T>): Map<string, T> {
  const record = map.get(name);
  if (record === undefined) throw new Error(name);
  return new Map(map).set(name, { ...record, ...change });
}

/** The last node as another one, with an index operand `i` if it has numbers. */
function asNode(op: string, inputs: readonly string[], indices?: readonly number[]): Partial<EspdlGraph> {
  const data = longTensor(indices ?? []);
  return {
    ...nodesWith("Tanh", (n) => ({ ...without(n, "lut"), op, inputs })),
    ...(indices && {
      initializers: new Map(graph.initializers).set("i", { name: "i", ...data, exponents: [0], layout: "" }),
    }),
  };
}

test("a sound model has none", () => {
  expect(findFaults(model)).toEqual([]);
});

describe("what crashes the loader is found and named", () => {
  const [cache, conv, tanh] = graph.nodes;
  if (!cache || !conv || !tanh) throw new Error("the fixture has three nodes");
  const cases: readonly (readonly [string, Partial<EspdlGraph>, string])[] = [
    ["two nodes of one name", nodesWith("Tanh", () => ({ name: "conv" })), "conv: nodeTwice"],
    ["a node that comes too early", { nodes: [conv, cache, tanh] }, "conv: readBeforeMade x.5"],
    [
      "a value without a type",
      { values: new Map([...graph.values].filter(([n]) => n !== "h")) },
      "h: valueWithoutType",
    ],
    ["no strides", nodesWith("Conv", (n) => without(n, "strides")), "conv: attributeMissing strides"],
    [
      "no window",
      nodesWith("StreamingCache", (n) => without(n, "window_size")),
      "x_SCache: attributeMissing window_size",
    ],
    ["no quant_type", nodesWith("Tanh", (n) => without(n, "quant_type")), "tanh: quantType "],
    [
      "a table that is not there",
      nodesWith("Tanh", (n) => ({ attributes: { ...n.attributes, lut: stringAttribute("Tanh_lut_9") } })),
      "tanh: tableMissing Tanh_lut_9",
    ],
    [
      "a grouped convolution",
      nodesWith("Conv", (n) => ({ attributes: { ...n.attributes, group: intAttribute(3) } })),
      "conv: groups 3",
    ],
    [
      "a bias on another scale",
      { initializers: replaced(graph.initializers, "b", { exponents: [-11] }) },
      "conv: biasExponent",
    ],
    ["no exponent", { values: replaced(graph.values, "h", { exponents: [] }) }, "h: exponentMissing"],
    [
      "an exponent beyond 1 << 30",
      { values: replaced(graph.values, "y", { exponents: [-31] }) },
      "y: exponentValue -31",
    ],
    [
      "exponents for channels that are not there",
      { initializers: replaced(graph.initializers, "w", { exponents: [-7, -7] }) },
      "w: exponentCount 2",
    ],
    [
      "an empty axis",
      { values: replaced(graph.values, "h", { shape: [1, 0, 20] }) },
      "h: shapeInvalid 1, 0, 20",
    ],
    ["an input that nothing reads", { inputs: ["x", "h2"] }, "h2: inputUnread"],
    [
      "a test vector of nothing",
      {
        testInputs: replaced(graph.testInputs, "x", {}).set("z", {
          name: "z",
          dtype: "int8",
          dims: [1],
          bytes: new Uint8Array(1),
          exponents: [0],
          layout: "",
        }),
      },
      "z: vectorOfNothing",
    ],
    [
      "a table of another scale",
      { initializers: replaced(graph.initializers, "Tanh_lut_0", { exponents: [-6] }) },
      "tanh: tableScale",
    ],
    [
      "a table that is too short",
      { initializers: replaced(graph.initializers, "Tanh_lut_0", { dims: [128] }) },
      "tanh: tableEntries 128",
    ],
    ["a table node without one", asNode("LUT", ["h"]), "tanh: attributeMissing lut"],
    ["a place counted from the end", asNode("Gather", ["h", "i"], [-1]), "tanh: placeFromEnd"],
    ["axes counted from the end", asNode("Unsqueeze", ["h", "i"], [-1, 0]), "tanh: axesFromEnd"],
    ["parts without sizes", asNode("Split", ["h"]), "tanh: inputAbsent 1"],
    ["sizes of other parts", asNode("Split", ["h", "i"], [2, 2]), "tanh: splitSizes"],
    ["pads of too few axes", asNode("Pad", ["h", "i"], [1, 1]), "tanh: padCount 2 3"],
    ["a pad that takes away", asNode("Pad", ["h", "i"], [0, 0, 0, 0, -1, 0]), "tanh: padNegative"],
    ["a shape that is computed", asNode("Reshape", ["h", "x"]), "tanh: inputNoParameter x"],
    ["a single value to join", asNode("Concat", ["h"]), "tanh: joinOfOne"],
    ["an output that nothing makes", { outputs: ["q"] }, "q: outputUnmade"],
  ];
  test.each(cases)("%s", (_, change, expected) => {
    expect(faultsOf(change)).toContain(expected);
  });

  test("a parameter with two readers", () => {
    const twin = { ...conv, name: "conv2", outputs: ["h2"] };
    const h = graph.values.get("h");
    if (!h) throw new Error("h");
    const values = new Map(graph.values).set("h2", { ...h, name: "h2" });
    expect(faultsOf({ nodes: [cache, conv, twin, tanh], values })).toEqual([
      "w: parameterShared conv conv2",
      "b: parameterShared conv conv2",
    ]);
  });
});

const shared = [sharedData("espdl/vendor"), ...goldenFolders()].filter((f) => f !== undefined);

function goldenFolders(): string[] {
  const golden = sharedData("espdl/golden");
  return golden ? readdirSync(golden).map((name) => join(golden, name)) : [];
}

test.skipIf(shared.length === 0)("real files, which run on the chips, have none", () => {
  for (const folder of shared) {
    for (const file of readdirSync(folder).filter((f) => f.endsWith(".espdl"))) {
      const bytes = new Uint8Array(readFileSync(join(folder, file)));
      expect(findFaults(decodeEspdlModel(bytes, file)), file).toEqual([]);
    }
  }
});
