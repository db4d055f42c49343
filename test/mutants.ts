import type { Model, Node } from "../src/core/ir/graph.ts";
import { floatTensor } from "../src/core/ir/tensor.ts";
import type { Cache, Module } from "../src/core/stream/module.ts";
import { GraphSketch } from "./stream-lab.ts";

/* Models of which every part matters (biases are far from zero, all values lie below it), and faults to plant in them. */

function sketch(build: (g: GraphSketch) => string): Model {
  const g = new GraphSketch(3);
  g.input("x", [1, 2, "T"]);
  return g.model([build(g)]);
}

/** A convolution whose outputs are never zero and whose weights all count. */
function conv(g: GraphSketch, x: string, k: number, pads: readonly [number, number], dilation = 1): string {
  const weight = g.constant(
    `w.${x}`,
    floatTensor(
      Array.from({ length: 4 * k }, (_, i) => 1 + (i % 2)),
      [2, 2, k],
    ),
  );
  const bias = g.constant(`b.${x}`, floatTensor([5, 7], [2]));
  const wide = g.op("Conv", [x, weight, bias], { pads, dilations: [dilation] });
  // Folded back by a sawtooth: differences never saturate away.
  return g.op("Mod", [wide, g.constant(`m.${x}`, floatTensor([31], []))], { fmod: 1 });
}

const pool = (g: GraphSketch, x: string) =>
  g.op("MaxPool", [g.op("Sub", [x, g.constant("far", floatTensor([40], []))])], {
    kernel_shape: [3],
    pads: [2, 0],
  });

export const MUTATED_MODELS: Readonly<Record<string, Model>> = {
  stack: sketch((g) => conv(g, conv(g, conv(g, "x", 3, [1, 1]), 3, [1, 1]), 3, [2, 0], 2)),
  residual: sketch((g) => g.op("Add", [conv(g, conv(g, "x", 5, [2, 2]), 5, [2, 2]), "x"])),
  pooled: sketch((g) => conv(g, pool(g, conv(g, "x", 3, [1, 1])), 2, [1, 0])),
};

export interface Mutant {
  readonly what: string;
  readonly module: Module;
}

function withNodes(module: Module, change: (node: Node, index: number) => Node): Module {
  return { ...module, graph: { ...module.graph, nodes: module.graph.nodes.map(change) } };
}

function replaced(module: Module, target: Node, next: Node): Module {
  return withNodes(module, (node) => (node === target ? next : node));
}

/** Every single fault of these kinds that the module offers. */
export function mutantsOf(module: Module): Mutant[] {
  const { nodes } = module.graph;
  const mutants: Mutant[] = [];
  const isState = (name: string) => module.caches.some((c) => c.output === name);
  for (const node of nodes) {
    const [output = ""] = node.outputs;
    if (node.op === "Where" && !isState(output)) {
      const [, , frames = ""] = node.inputs;
      mutants.push({
        what: `mask ${output} dropped`,
        module: replaced(module, node, identity(node, frames)),
      });
    }
    if (node.op === "Conv" && node.inputs.length === 3)
      mutants.push({
        what: `bias of ${output} forgotten`,
        module: replaced(module, node, { ...node, inputs: node.inputs.slice(0, 2) }),
      });
  }
  for (const cache of module.caches) {
    if (cache.kind !== "window") continue;
    mutants.push({ what: `${cache.input} shifted`, module: shifted(module, cache) });
    const other = { ...cache, init: cache.init === 0 ? 11 : 0 };
    if (readsStart(module, cache))
      mutants.push({
        what: `${cache.input} starts from ${other.init}`,
        module: withCache(module, cache, other),
      });
    const { holdSteps } = cache;
    if (holdSteps === undefined) continue;
    for (const steps of [0, holdSteps - 1, holdSteps + 1])
      mutants.push({
        what: `${cache.input} held ${steps}`,
        module: withCache(module, cache, { ...cache, holdSteps: steps }),
      });
  }
  return mutants;
}

function identity(node: Node, source: string): Node {
  return { ...node, op: "Identity", inputs: [source], attributes: {} };
}

function withCache(module: Module, cache: Cache, other: Cache): Module {
  return { ...module, caches: module.caches.map((c) => (c === cache ? other : c)) };
}

/** Initial contents count unless a mask hides them. */
function readsStart({ graph }: Module, cache: Cache): boolean {
  const window = graph.nodes.find((n) => n.inputs[0] === cache.input)?.outputs[0] ?? "";
  return graph.nodes.some((n) => n.inputs[0] === window && (n.op === "Conv" || n.op === "MaxPool"));
}

/** The history one frame older than it should be: its newest frame is missing, its oldest is there twice. */
function shifted(module: Module, cache: Cache): Module {
  const late = `${cache.output}.right`;
  const nodes = module.graph.nodes.map((node) =>
    node.outputs[0] === cache.output ? { ...node, outputs: [late] } : node,
  );
  const { frames } = cache;
  const order = `${cache.output}.order`;
  const initializers = new Map(module.graph.initializers);
  initializers.set(order, {
    dtype: "int64",
    dims: [frames],
    bytes: new Uint8Array(
      BigInt64Array.from({ length: frames }, (_, i) => BigInt(frames === 1 ? 0 : Math.max(0, i - 1))).buffer,
    ),
  });
  const gather: Node = {
    op: "Gather",
    domain: "",
    name: `${late}.gather`,
    // A single frame has no older one in the history: it starts over.
    inputs: [frames === 1 ? cache.input : late, order],
    outputs: [cache.output],
    attributes: { axis: { kind: "int", value: BigInt(cache.axis) } },
  };
  return { ...module, graph: { ...module.graph, initializers, nodes: [...nodes, gather] } };
}
