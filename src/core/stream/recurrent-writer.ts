import { intsAttribute, makeNode, type Node, nodeKey, type ValueInfo, type ValueName } from "../ir/graph.ts";
import { elements, type Tensor } from "../ir/tensor.ts";
import type { RecurrentState } from "../ops/op.ts";
import type { NodePlan, StreamAnalysis } from "./analysis.ts";
import type { Extents } from "./extents.ts";
import { initialTensor } from "./filled-tensor.ts";
import type { GraphWriter } from "./graph-writer.ts";
import type { Cache } from "./module.ts";
import { writeScan } from "./scan.ts";

/** The cache of one state, under new names. Axes of unknown extent (a batch) count one. */
export function stateCache(out: GraphWriter, extents: Extents, node: Node, state: RecurrentState): Cache {
  const value = node.outputs.find((o) => o !== "") ?? nodeKey(node);
  const input = out.fresh(`state.${value}.${state.name}`);
  const shape = state.shape.map((d) => (typeof d === "number" ? d : 1));
  return {
    kind: "state",
    value,
    input,
    output: out.fresh(`${input}.next`),
    shape,
    axis: 0,
    frames: shape[0] ?? 1,
    dtype: extents.dtype(node.inputs[0] ?? ""),
    init: initOf(state.init),
    readers: [{ node: nodeKey(node), use: "state", frames: shape[0] ?? 1 }],
  };
}

/** A float32 tensor with one value everywhere is that value. */
function initOf(init: Tensor | undefined): number | Tensor {
  if (init?.dtype !== "float32") return init ?? 0;
  const [first = 0, ...rest] = elements(init) as Float32Array;
  return rest.every((v) => v === first) ? first : init;
}

/** A recurrent node as an offline graph has it: the states before the first frame stand in as constants. */
export function writeOfflineRecurrent(
  out: GraphWriter,
  extents: Extents,
  node: Node,
  plan: Extract<NodePlan, { kind: "recurrent" }>,
  plainInputs: readonly ValueName[],
): ValueName[] {
  const inputs = plainInputs.map((name, i) => (plan.dropped.includes(i) ? "" : name));
  for (const state of plan.states) {
    while (inputs.length <= state.input) inputs.push("");
    const cache = stateCache(out, extents, node, state);
    out.initializers.set(cache.input, initialTensor(cache));
    inputs[state.input] = cache.input;
  }
  const given = new Set(plan.states.map((s) => s.output));
  const outputs = node.outputs.map((name, i) => (given.has(i) ? "" : name));
  if (outputs.some((name) => name !== "")) out.nodes.push({ ...node, inputs, outputs });
  for (const name of outputs) if (name !== "") out.describe(name, extents.dtype(name), extents.shape(name));
  return inputs;
}

/**
 * Writes what the states of a recurrent node are after every step of a run of many: [steps, …]. `inputs` are the node's
 * inputs in the written graph, with the states before the first step. The node is run once more, a step at a time.
 */
export function writeStatesPerStep(
  out: GraphWriter,
  analysis: StreamAnalysis,
  extents: Extents,
  node: Node,
  inputs: readonly ValueName[],
): void {
  const plan = analysis.plans.get(node);
  if (plan?.kind !== "recurrent") throw new Error(`${node.name} has no state`);
  const wanted = plan.states.filter((s) => analysis.facts.has(node.outputs[s.output] ?? ""));
  if (wanted.length === 0) return;
  const split = splitInputs(out, analysis, extents, node, inputs);
  const shapeOf = (state: RecurrentState) => state.shape.map((d) => (typeof d === "number" ? d : 1));
  const dtype = extents.dtype(node.inputs[0] ?? "");
  const states = plan.states.map((state) => {
    const input = inputs[state.input] ?? "";
    return { input, output: out.fresh(`${input}.steps`), shape: shapeOf(state), dtype };
  });
  const given = new Map(plan.states.map((s, i) => [s.output, states[i]?.output ?? ""]));
  const count = Math.max(node.outputs.length, ...[...given.keys()].map((i) => i + 1));
  const outputs = Array.from({ length: count }, (_, i) => given.get(i) ?? "");
  const body = { ...node, inputs: inputs.map((name) => split.get(name)?.name ?? name), outputs };
  const named = wanted.map((s) =>
    makeNode("Identity", [given.get(s.output) ?? ""], [node.outputs[s.output] ?? ""]),
  );
  const stateInputs = new Set(states.map((s) => s.input));
  const scanInputs = [...split.values()];
  const scan = writeScan({
    nodes: [body, ...named],
    initializers: new Map(),
    infoOf: (name) => scanInputs.find((s) => s.name === name)?.info ?? { name, dtype },
    states,
    scanInputs: scanInputs.map((s) => s.name),
    captured: inputs.filter((name) => name !== "" && !split.has(name) && !stateInputs.has(name)),
    outputs: wanted.map((s) => node.outputs[s.output] ?? ""),
  });
  const attributes = { ...scan.attributes, scan_input_axes: intsAttribute(scanInputs.map((s) => s.axis)) };
  out.nodes.push({ ...scan, attributes });
}

/** [… steps·n …] → [… steps, n …] for every input that streams. */
function splitInputs(
  out: GraphWriter,
  analysis: StreamAnalysis,
  extents: Extents,
  node: Node,
  inputs: readonly ValueName[],
) {
  const { steps } = extents;
  const split = new Map<ValueName, { name: ValueName; axis: number; info: ValueInfo }>();
  for (const [i, value] of node.inputs.entries()) {
    const fact = analysis.facts.get(value);
    const shape = extents.shape(value);
    const source = inputs[i] ?? "";
    if (fact?.kind !== "stream" || !shape || split.has(source)) continue;
    const { axis } = fact;
    const perStep = shape.map((d, k) => (k === axis ? d / steps : d));
    const dims = [...shape.slice(0, axis), steps, ...perStep.slice(axis)];
    const name = out.fresh(`${source}.steps`);
    out.nodes.push(makeNode("Reshape", [source, out.vector(dims)], [name]));
    split.set(source, { name, axis, info: { name, dtype: extents.dtype(value), shape: perStep } });
  }
  return split;
}
