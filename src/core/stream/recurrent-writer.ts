import type { Rational } from "../base/rational.ts";
import { intsAttribute, makeNode, type Node, nodeKey, type ValueInfo, type ValueName } from "../ir/graph.ts";
import { type DType, elements, longTensor, type Tensor } from "../ir/tensor.ts";
import { usedBy } from "../ir/walk.ts";
import type { RecurrentState } from "../ops/op.ts";
import type { NodePlan, StreamAnalysis } from "./analysis.ts";
import type { Extents } from "./extents.ts";
import { filledTensor, initialTensor } from "./filled-tensor.ts";
import type { GraphWriter } from "./graph-writer.ts";
import type { Cache } from "./module.ts";
import { type ScanParts, writeScan } from "./scan.ts";

type RecurrentPlan = Extract<NodePlan, { kind: "recurrent" }>;

function planOf(analysis: StreamAnalysis, node: Node): RecurrentPlan {
  const plan = analysis.plans.get(node);
  if (plan?.kind !== "recurrent") throw new Error(`${nodeKey(node)} has no state`);
  return plan;
}

/** Axes of unknown extent (a batch) count one. */
const shapeOf = (state: RecurrentState): number[] => state.shape.map((d) => (typeof d === "number" ? d : 1));

/** Of the state before the first frame, if the file has one. */
function dtypeOf(extents: Extents, node: Node, { input }: RecurrentState): DType {
  return extents.dtype(node.inputs[input] || (node.inputs[0] ?? ""));
}

const nameOf = (node: Node): string => node.outputs.find((o) => o !== "") ?? nodeKey(node);

/** The cache of one state, under new names. */
export function stateCache(
  analysis: StreamAnalysis,
  extents: Extents,
  out: GraphWriter,
  node: Node,
  state: RecurrentState,
): Cache {
  const value = nameOf(node);
  const input = out.fresh(`state.${value}.${state.name}`);
  const shape = shapeOf(state);
  const holdSteps = holdStepsOf(analysis, extents, node);
  const masked = analysis.warmUp === "mask" || analysis.warmUp === "two-graph";
  return {
    kind: "state",
    value,
    input,
    output: out.fresh(`${input}.next`),
    shape,
    axis: 0,
    frames: shape[0] ?? 1,
    dtype: dtypeOf(extents, node, state),
    init: initOf(state.init),
    // Under a mask the graph itself keeps the state (see StreamWriter).
    ...(holdSteps > 0 && extents.steps === 1 && !masked && { holdSteps }),
    readers: [{ node: nodeKey(node), use: "state", frames: shape[0] ?? 1 }],
  };
}

/** Steps through which a state keeps its initial contents. */
function holdStepsOf(analysis: StreamAnalysis, extents: Extents, node: Node): number {
  const { guard } = planOf(analysis, node);
  if (!guard) return 0;
  const streaming = node.inputs.find((name) => analysis.facts.get(name)?.kind === "stream") ?? "";
  const fact = analysis.facts.get(streaming);
  const steps = fact?.kind === "stream" ? guard.junkFrames / framesPerStep(extents, fact.rate) : 0;
  if (!Number.isInteger(steps)) throw new Error(`${nodeKey(node)} cannot be held at this chunk`);
  return steps;
}

/** A float32 tensor with one value everywhere is that value. */
function initOf(init: Tensor | undefined): number | Tensor {
  if (init?.dtype !== "float32") return init ?? 0;
  const [first = 0, ...rest] = elements(init) as Float32Array;
  return rest.every((v) => v === first) ? first : init;
}

/**
 * A recurrent node as an offline graph of many steps has it. The states before the first frame stand in as constants;
 * those that are read as values come out after every step, for the frames that the stream holds by then.
 */
export function writeOfflineRecurrent(
  out: GraphWriter,
  analysis: StreamAnalysis,
  extents: Extents,
  node: Node,
  plainInputs: readonly ValueName[],
): void {
  const plan = planOf(analysis, node);
  const inputs = plainInputs.map((name, i) => (plan.dropped.includes(i) ? "" : name));
  for (const state of plan.states) {
    while (inputs.length <= state.input) inputs.push("");
    const name = out.fresh(`state.${nameOf(node)}.${state.name}`);
    const dtype = dtypeOf(extents, node, state);
    out.initializers.set(name, initialTensor({ dtype, shape: shapeOf(state), init: state.init ?? 0 }));
    inputs[state.input] = name;
  }
  const carried = new Set(plan.states.map((s) => s.output));
  const sequences = node.outputs.filter((name, i) => name !== "" && !carried.has(i));
  // What is there after the last frame of the clip is not what a step shows; a Scan cannot leave it out.
  const outputs = node.outputs.map((name, i) =>
    name !== "" && carried.has(i) ? out.fresh(`${name}.last`) : name,
  );
  if (sequences.length > 0) out.nodes.push({ ...node, inputs, outputs });
  for (const name of sequences) if (name !== "") out.describe(name, extents.dtype(name), extents.shape(name));
  if (!plan.states.some((s) => analysis.facts.has(node.outputs[s.output] ?? ""))) return;
  const physical = inputs.map((name, i) =>
    asStreamed(out, analysis, extents, node.inputs[i] ?? "", name, plan.align[i]),
  );
  const counter = plan.guard && stepCounter(out, node);
  if (counter) out.initializers.set(counter.input, initialTensor(counter));
  writeSteppedRecurrent(out, analysis, extents, node, physical, counter ? { counter } : {});
}

/** An offline sequence as the stream carries it into a join: late by its delay, and as many frames as the steps have. */
function asStreamed(
  out: GraphWriter,
  analysis: StreamAnalysis,
  extents: Extents,
  value: ValueName,
  name: ValueName,
  align = 0,
): ValueName {
  const fact = analysis.facts.get(value);
  const shape = extents.shape(value);
  if (fact?.kind !== "stream" || !shape) return name;
  const { axis } = fact;
  const delay = fact.delay + align;
  const frames = framesPerStep(extents, fact.rate) * extents.steps;
  const dtype = extents.dtype(value);
  const part = out.fresh(`${name}.part`);
  out.slice(name, part, axis, 0, frames - delay);
  if (delay === 0) return part;
  const silence = out.fresh(`${name}.silence`);
  const dims = shape.map((d, i) => (i === axis ? delay : d));
  out.initializers.set(silence, filledTensor(dtype, dims, 0));
  const joined = out.fresh(`${name}.late`);
  out.concat([silence, part], joined, axis);
  return joined;
}

function framesPerStep({ chunk }: Extents, { num, den }: Rational): number {
  return (chunk * num) / den;
}

interface SteppedOptions {
  /** Where the states after the last step go; absent: nowhere. */
  readonly finals?: readonly ValueName[];
  /** Counts the steps, so that states stay as they are through the first ones. */
  readonly counter?: Cache;
  /** Also write the sequences. */
  readonly sequences?: boolean;
}

/** A state that counts steps, for a recurrence that is held within one run of many steps. */
export function stepCounter(out: GraphWriter, node: Node): Cache {
  const input = out.fresh(`state.${nameOf(node)}.steps`);
  const reader = { node: nodeKey(node), use: "position", frames: 1 } as const;
  return {
    kind: "position",
    value: nameOf(node),
    input,
    output: out.fresh(`${input}.next`),
    shape: [1],
    axis: 0,
    frames: 1,
    dtype: "int64",
    init: 0,
    readers: [reader],
  };
}

/**
 * Writes what a recurrent node gives when it is run a step at a time over a run of many: the states after every step
 * that are read as values, [steps, …], and, if it is held, the sequences. `inputs` are the node's inputs in the written
 * graph, with the states before the first step. Writes nothing that nobody reads.
 */
export function writeSteppedRecurrent(
  out: GraphWriter,
  analysis: StreamAnalysis,
  extents: Extents,
  node: Node,
  inputs: readonly ValueName[],
  { finals = [], counter, sequences = false }: SteppedOptions = {},
): void {
  const plan = planOf(analysis, node);
  const values = plan.states.filter((s) => analysis.facts.has(node.outputs[s.output] ?? ""));
  if (values.length === 0 && !sequences) return;
  const split = splitInputs(out, analysis, extents, node, inputs);
  const carried = new Set(plan.states.map((s) => s.output));
  const states = plan.states.map((state, i) => {
    const input = inputs[state.input] ?? "";
    const output = finals[i] ?? out.fresh(`${input}.steps`);
    return { input, output, shape: shapeOf(state), dtype: dtypeOf(extents, node, state) };
  });
  const afterOf = (i: number): ValueName =>
    counter ? `${states[i]?.input}.after` : (states[i]?.output ?? "");
  const wanted = node.outputs.filter((o, i) => sequences && !carried.has(i) && analysis.facts.has(o));
  const stepped = new Map(wanted.map((name) => [name, out.fresh(`${name}.stepped`)]));
  const count = Math.max(node.outputs.length, ...[...carried].map((i) => i + 1));
  const outputs = Array.from({ length: count }, (_, i) => {
    const state = plan.states.findIndex((s) => s.output === i);
    return state >= 0 ? afterOf(state) : (stepped.get(node.outputs[i] ?? "") ?? "");
  });
  const hold = counter && holding(counter, holdStepsOf(analysis, extents, node), states, afterOf);
  const named = values.map((s) =>
    makeNode("Identity", [states[plan.states.indexOf(s)]?.output ?? ""], [node.outputs[s.output] ?? ""]),
  );
  const stateInputs = new Set(states.map((s) => s.input));
  const scanInputs = [...split.values()];
  const caught = usedBy(node).filter((name) => !node.inputs.includes(name));
  const scan = writeScan({
    nodes: [
      { ...node, inputs: inputs.map((name) => split.get(name)?.name ?? name), outputs },
      ...(hold?.nodes ?? []),
      ...named,
    ],
    initializers: hold?.initializers ?? new Map(),
    infoOf: (name) => scanInputs.find((s) => s.name === name)?.info ?? { name },
    states: hold ? [...states, hold.state] : states,
    scanInputs: scanInputs.map((s) => s.name),
    captured: [
      ...inputs.filter((name) => name !== "" && !split.has(name) && !stateInputs.has(name)),
      ...caught,
    ],
    outputs: [...values.map((s) => node.outputs[s.output] ?? ""), ...stepped.values()],
  });
  const attributes = { ...scan.attributes, scan_input_axes: intsAttribute(scanInputs.map((s) => s.axis)) };
  out.nodes.push({ ...scan, attributes });
  for (const [name, source] of stepped) joinSteps(out, analysis, extents, source, name);
}

/** In the body of a Scan: states stay as they are while the counter is below `steps`. */
function holding(
  counter: Cache,
  steps: number,
  states: ScanParts["states"],
  afterOf: (i: number) => ValueName,
) {
  const [limit, one, still] = [`${counter.input}.limit`, `${counter.input}.one`, `${counter.input}.held`];
  const nodes = [
    makeNode("Less", [counter.input, limit], [still]),
    makeNode("Add", [counter.input, one], [counter.output]),
    ...states.map((s, i) => makeNode("Where", [still, s.input, afterOf(i)], [s.output])),
  ];
  const initializers = new Map([
    [limit, longTensor([steps])],
    [one, longTensor([1])],
  ]);
  return { nodes, initializers, state: counter };
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
    const frames = framesPerStep(extents, fact.rate);
    const perStep = shape.map((d, k) => (k === axis ? frames : d));
    const dims = [...shape.slice(0, axis), steps, ...perStep.slice(axis)];
    const name = out.fresh(`${source}.steps`);
    out.nodes.push(makeNode("Reshape", [source, out.vector(dims)], [name]));
    split.set(source, { name, axis, info: { name, dtype: extents.dtype(value), shape: perStep } });
  }
  return split;
}

/** target [… steps·n …] = source [steps, … n …]. */
function joinSteps(
  out: GraphWriter,
  analysis: StreamAnalysis,
  extents: Extents,
  source: ValueName,
  target: ValueName,
): void {
  const fact = analysis.facts.get(target);
  const shape = extents.shape(target);
  if (fact?.kind !== "stream" || !shape) throw new Error(`${target} does not stream`);
  const others = shape.map((_, i) => i + 1);
  const perm = intsAttribute([...others.slice(0, fact.axis), 0, ...others.slice(fact.axis)]);
  const moved = out.fresh(`${source}.moved`);
  out.nodes.push(makeNode("Transpose", [source], [moved], { perm }));
  out.nodes.push(makeNode("Reshape", [moved, out.vector(shape)], [target]));
  out.describe(target, extents.dtype(target), shape);
}
