import {
  type Graph,
  intAttribute,
  makeNode,
  type Node,
  type ValueInfo,
  type ValueName,
} from "../ir/graph.ts";
import { renameNode } from "../ir/rename.ts";
import { type DType, longTensor, type Tensor } from "../ir/tensor.ts";
import type { Cache, Module, Port } from "./module.ts";

/** Name of the leading axis that counts steps. */
export const STEPS_AXIS = "steps";

/** State that counts steps, present if a cache is held. */
const STEP = "state.step";

export interface ScanState {
  readonly cache: Cache;
  /** Index of the module that keeps it. */
  readonly module: number;
  /** Names in the wrapped graph: contents before the first and after the last step. */
  readonly input: ValueName;
  readonly output: ValueName;
}

export interface ScanWrapper {
  /** Inputs: streaming ports [steps, …], static ports, states. Outputs: ports and observed values [steps, …], states. */
  readonly graph: Graph;
  readonly inputs: readonly Port[];
  readonly outputs: readonly ValueName[];
  readonly states: readonly ScanState[];
}

export interface ScanOptions {
  readonly name?: string;
  /** Values inside the modules that come out too, stacked step by step. */
  readonly observe?: readonly ValueName[];
}

/**
 * Many steps in one run: the modules, one after the other, as the body of an ONNX Scan whose states are the caches.
 * Ports keep their names and gain a leading axis of any number of steps. Scan in this form exists since opset 9.
 */
export function scanWrapper(modules: readonly Module[], options: ScanOptions = {}): ScanWrapper {
  const merged = mergeModules(modules);
  const made = new Set(modules.flatMap((m) => m.outputs.map((p) => p.name)));
  const inputs = uniquePorts(modules.flatMap((m) => m.inputs)).filter((p) => !made.has(p.name));
  const outputs = [
    ...new Set([...modules.flatMap((m) => m.outputs.map((p) => p.name)), ...(options.observe ?? [])]),
  ];
  const held = holdInside(merged);
  const { states } = held;
  const wrapped = writeScan({
    nodes: held.nodes,
    initializers: held.initializers,
    infoOf: (name) => merged.infos.get(name) ?? { name },
    states: states.map(({ cache, input, output }) => ({
      input,
      output,
      shape: cache.shape,
      dtype: cache.dtype,
    })),
    scanInputs: inputs.filter((p) => p.kind !== "static").map((p) => p.name),
    captured: inputs.filter((p) => p.kind === "static").map((p) => p.name),
    outputs,
  });
  const stacked = (info: ValueInfo): ValueInfo =>
    info.shape ? { ...info, shape: [STEPS_AXIS, ...info.shape] } : info;
  const info = (name: ValueName): ValueInfo => merged.infos.get(name) ?? { name };
  const stateInfo = (name: ValueName, { cache }: ScanState): ValueInfo => ({
    name,
    dtype: cache.dtype,
    shape: cache.shape,
  });
  const graph: Graph = {
    name: options.name ?? modules[0]?.name ?? "scan",
    inputs: [
      ...inputs.map((p) => (p.kind === "static" ? info(p.name) : stacked(info(p.name)))),
      ...states.map((s) => stateInfo(s.input, s)),
    ],
    outputs: [...outputs.map((o) => stacked(info(o))), ...states.map((s) => stateInfo(s.output, s))],
    initializers: new Map(),
    nodes: [wrapped],
    values: new Map(),
  };
  return { graph, inputs, outputs, states };
}

export interface ScanParts {
  readonly nodes: readonly Node[];
  /** Weights of the body; they move inside. */
  readonly initializers: ReadonlyMap<ValueName, Tensor>;
  /** dtype and shape of a value within one step. */
  infoOf(name: ValueName): ValueInfo;
  readonly states: readonly {
    readonly input: ValueName;
    readonly output: ValueName;
    readonly dtype: DType;
    readonly shape: readonly number[];
  }[];
  readonly scanInputs: readonly ValueName[];
  /** Values of the outer graph that every step reads as they are. */
  readonly captured: readonly ValueName[];
  readonly outputs: readonly ValueName[];
}

/** One Scan node over these nodes. Outside, every value keeps its name; inside, all but the captured ones are renamed. */
export function writeScan(parts: ScanParts): Node {
  const outer = new Set(parts.captured);
  const inner = (name: ValueName): ValueName => (outer.has(name) ? name : `step.${name}`);
  const { states, scanInputs, outputs } = parts;
  const innerInfo = (info: Partial<ValueInfo>, name: ValueName): ValueInfo => ({
    name: inner(name),
    ...(info.dtype && { dtype: info.dtype }),
    ...(info.shape && { shape: info.shape }),
  });
  const body: Graph = {
    name: "step",
    inputs: [
      ...states.map((s) => innerInfo(s, s.input)),
      ...scanInputs.map((name) => innerInfo(parts.infoOf(name), name)),
    ],
    outputs: [
      ...states.map((s) => innerInfo(s, s.output)),
      ...outputs.map((name) => innerInfo(parts.infoOf(name), name)),
    ],
    initializers: new Map([...parts.initializers].map(([name, tensor]) => [inner(name), tensor])),
    nodes: parts.nodes.map((node) => renameNode(node, inner)),
    values: new Map(),
  };
  return makeNode(
    "Scan",
    [...states.map((s) => s.input), ...scanInputs],
    [...states.map((s) => s.output), ...outputs],
    { body: { kind: "graph", value: body }, num_scan_inputs: intAttribute(scanInputs.length) },
  );
}

/**
 * Inside a Scan no host can keep a cache back: one more state counts the steps, and selects a held cache's old contents
 * in place of the new ones until its steps are over.
 */
function holdInside(merged: Merged): Merged {
  const last = Math.max(0, ...merged.states.map((s) => s.cache.holdSteps ?? 0));
  if (last === 0) return merged;
  const nodes = [...merged.nodes];
  const initializers = new Map(merged.initializers);
  const constant = (value: number): ValueName => {
    const name = `${STEP}.${value}`;
    initializers.set(name, longTensor([value]));
    return name;
  };
  const conditions = new Map<number, ValueName>();
  const before = (steps: number): ValueName => {
    const known = conditions.get(steps);
    if (known !== undefined) return known;
    const name = `${STEP}.before.${steps}`;
    nodes.push(makeNode("Less", [STEP, constant(steps)], [name]));
    conditions.set(steps, name);
    return name;
  };
  const states = merged.states.map((state) => {
    const { holdSteps = 0 } = state.cache;
    if (holdSteps === 0) return state;
    const output = `${state.output}.held`;
    nodes.push(...selection(state, before(holdSteps), output));
    return { ...state, output };
  });
  nodes.push(makeNode("Add", [STEP, constant(1)], [`${STEP}.moved`]));
  nodes.push(makeNode("Where", [before(last), `${STEP}.moved`, STEP], [`${STEP}.next`]));
  const counter: Cache = {
    kind: "position",
    value: STEP,
    input: STEP,
    output: `${STEP}.next`,
    shape: [1],
    axis: 0,
    frames: 1,
    dtype: "int64",
    init: 0,
    readers: [],
  };
  const count: ScanState = { cache: counter, module: 0, input: STEP, output: counter.output };
  return { ...merged, nodes, initializers, states: [...states, count] };
}

/** ONNX numbers of the element types that a cast names. */
const ONNX_INT8 = 3;
const ONNX_INT32 = 6;

/** target = condition ? old contents : new ones. onnxruntime has no Where of int8: it goes by way of int32. */
function selection({ cache, input, output }: ScanState, condition: ValueName, target: ValueName): Node[] {
  if (cache.dtype !== "int8") return [makeNode("Where", [condition, input, output], [target])];
  const cast = (from: ValueName, to: ValueName, type: number): Node =>
    makeNode("Cast", [from], [to], { to: intAttribute(type) });
  const [before, after, chosen] = [`${target}.before`, `${target}.after`, `${target}.chosen`];
  return [
    cast(input, before, ONNX_INT32),
    cast(output, after, ONNX_INT32),
    makeNode("Where", [condition, before, after], [chosen]),
    cast(chosen, target, ONNX_INT8),
  ];
}

interface Merged {
  readonly nodes: readonly Node[];
  readonly initializers: ReadonlyMap<ValueName, Tensor>;
  readonly infos: ReadonlyMap<ValueName, ValueInfo>;
  readonly states: readonly ScanState[];
}

/** The modules as one list of nodes: what several of them define under one name is told apart by `@module`. */
function mergeModules(modules: readonly Module[]): Merged {
  const nodes: Node[] = [];
  const initializers = new Map<ValueName, Tensor>();
  const infos = new Map<ValueName, ValueInfo>();
  const states: ScanState[] = [];
  const taken = new Set<ValueName>();
  const nodeNames = new Set<string>();
  for (const [index, module] of modules.entries()) {
    const { graph } = module;
    const ports = new Set([...module.inputs, ...module.outputs].map((p) => p.name));
    const renamed = new Map<ValueName, ValueName>();
    const own = [...module.caches.map((c) => c.input), ...graph.nodes.flatMap((n) => n.outputs)];
    for (const name of own) if (taken.has(name) && !ports.has(name)) renamed.set(name, `${name}@${index}`);
    for (const [name, tensor] of graph.initializers) {
      const clash = taken.has(name) && initializers.get(name) !== tensor;
      if (clash) renamed.set(name, `${name}@${index}`);
      initializers.set(renamed.get(name) ?? name, tensor);
    }
    const rename = (name: ValueName): ValueName => renamed.get(name) ?? name;
    for (const node of graph.nodes) {
      const name = node.name !== "" && nodeNames.has(node.name) ? `${node.name}@${index}` : node.name;
      nodeNames.add(name);
      nodes.push({ ...renameNode(node, rename), name });
    }
    for (const info of [...graph.values.values(), ...graph.inputs, ...graph.outputs])
      infos.set(rename(info.name), { ...info, name: rename(info.name) });
    for (const cache of module.caches)
      states.push({ cache, module: index, input: rename(cache.input), output: rename(cache.output) });
    for (const name of [...own, ...graph.initializers.keys()]) taken.add(rename(name));
  }
  return { nodes, initializers, infos, states };
}

function uniquePorts(ports: readonly Port[]): Port[] {
  return [...new Map(ports.map((p) => [p.name, p])).values()];
}
