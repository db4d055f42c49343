import {
  type Graph,
  intAttribute,
  intsAttribute,
  makeNode,
  type Node,
  type ValueInfo,
  type ValueName,
} from "../ir/graph.ts";
import type { Patch } from "../ir/patch.ts";
import { longTensor, numbers, type Tensor } from "../ir/tensor.ts";
import { capturedBy, consumersOf, usedBy } from "../ir/walk.ts";
import { fromFront, knownInts, knownScalar } from "../ops/rules/operand.ts";
import { conditionOf, countsFrames } from "../ops/scan.ts";
import type { InferenceResult } from "./infer-shapes.ts";
import { freshNames, type Pass } from "./pass.ts";

/**
 * Rewrites a Loop that takes one frame after the other as a Scan: the trip count is the extent of an axis, the condition
 * is always true, and the iteration number does nothing but pick the frame. What is collected in a sequence and joined
 * behind the loop comes out of the Scan stacked.
 */
export const loopToScan: Pass = {
  name: "loop-to-scan",
  needs: ["Loop"],
  run({ model, inference }) {
    const readers = consumersOf(model.graph);
    const outputs = new Set(model.graph.outputs.map((o) => o.name));
    const fresh = freshNames(model);
    for (const node of model.graph.nodes) {
      if (node.domain !== "" || node.op !== "Loop") continue;
      const patch = rewritten(node, { inference, readers, outputs, fresh });
      if (patch) return patch;
    }
    return undefined;
  },
};

interface Around {
  readonly inference: InferenceResult;
  readonly readers: ReadonlyMap<ValueName, readonly Node[]>;
  readonly outputs: ReadonlySet<ValueName>;
  readonly fresh: (base: ValueName) => ValueName;
}

/** A frame that the body picks: of which value, along which axis, and whether the axis stays. */
interface Picked {
  readonly source: ValueName;
  readonly axis: number;
  readonly node: Node;
  readonly keepsAxis: boolean;
}

/** A sequence that grows by one tensor per turn, and the node that joins it behind the loop. */
interface Collected {
  readonly state: number;
  readonly element: ValueName;
  readonly insert: Node;
  readonly join: Node;
}

function rewritten(node: Node, around: Around): Patch | undefined {
  const body = node.attributes.body;
  const [trips = "", , ...initial] = node.inputs;
  if (body?.kind !== "graph") return undefined;
  const [counter, condition] = body.value.inputs;
  if (!counter || !condition || !alwaysTrue(node, body.value, around.inference)) return undefined;
  const picked = pickedFrames(body.value, counter.name, around.inference);
  const first = picked?.[0];
  if (!picked || !first) return undefined;
  const { info } = around.inference;
  const fits = ({ source, axis }: Picked) => countsFrames(info(trips), info(source).shape?.[axis] ?? null);
  if (!picked.every(fits)) return undefined;
  const sequences = initial.flatMap((name, i) => {
    const found = collectedBy(node, body.value, i, around);
    return found ? [found] : isSequence(name, around.inference) ? [undefined] : [];
  });
  const collected = sequences.filter((c) => c !== undefined);
  if (collected.length < sequences.length) return undefined;
  return scanFor(node, body.value, picked, collected, around);
}

function isSequence(name: ValueName, { info }: InferenceResult): boolean {
  return info(name).shape === undefined;
}

/** The condition is a constant, outside and in the body. */
function alwaysTrue({ inputs }: Node, body: Graph, inference: InferenceResult): boolean {
  const truth = (t: Tensor | undefined): boolean => t !== undefined && numbers(t)[0] === 1;
  const outside = inputs[1] ?? "";
  if (outside !== "" && !truth(inference.info(outside).constant)) return false;
  const { name, maker } = conditionOf(body);
  if (name === body.inputs[1]?.name) return outside === "" || truth(inference.info(outside).constant);
  const value = maker?.attributes.value;
  return (
    truth(body.initializers.get(name)) ||
    truth(inference.info(name).constant) ||
    (value?.kind === "tensor" && truth(value.value))
  );
}

/**
 * Every use of the iteration number, if all of them pick one frame of a value from outside: Gather(x, i), or
 * Slice(x, i, i + 1). Undefined if the number serves for anything else.
 */
function pickedFrames(body: Graph, counter: ValueName, inference: InferenceResult): Picked[] | undefined {
  const outside = new Set(capturedBy(body));
  const constantOf = constantsIn(body, inference);
  /** Value → what it adds to the iteration number. */
  const offsets = new Map<ValueName, number>([[counter, 0]]);
  const picked: Picked[] = [];
  for (const node of body.nodes) {
    const at = node.inputs.findIndex((name) => offsets.has(name));
    if (at < 0) continue;
    const offset = offsets.get(node.inputs[at] ?? "") ?? 0;
    const [source = "", index = "", end = "", axes = "", step = ""] = node.inputs;
    const output = node.outputs[0] ?? "";
    const rank = inference.info(source).shape?.length ?? 0;
    if (["Unsqueeze", "Squeeze", "Reshape", "Cast", "Identity"].includes(node.op)) {
      offsets.set(output, offset);
    } else if (node.op === "Add") {
      const more = constantOf(node.inputs[1 - at] ?? "");
      if (more?.length !== 1) return undefined;
      offsets.set(output, offset + (more[0] ?? 0));
    } else if (node.op === "Gather" && at === 1 && offset === 0 && outside.has(source) && rank > 0) {
      const given = node.attributes.axis;
      const axis = fromFront(given?.kind === "int" ? Number(given.value) : 0, rank);
      const keepsAxis = index !== counter;
      picked.push({ source, axis, node, keepsAxis });
    } else if (node.op === "Slice" && outside.has(source) && rank > 0) {
      const [axis] = constantOf(axes) ?? [];
      const fits = offsets.get(index) === 0 && offsets.get(end) === 1 && (constantOf(step)?.[0] ?? 1) === 1;
      if (!fits || axis === undefined) return undefined;
      picked.push({ source, axis: fromFront(axis, rank), node, keepsAxis: true });
    } else {
      return undefined;
    }
  }
  return body.outputs.some((o) => offsets.has(o.name)) ? undefined : picked;
}

/** Integers of a constant inside the body or around it. */
function constantsIn(
  body: Graph,
  inference: InferenceResult,
): (name: ValueName) => readonly number[] | undefined {
  const made = new Map(body.nodes.flatMap((n) => n.outputs.map((o) => [o, n] as const)));
  return (name) => {
    const value = made.get(name)?.attributes.value;
    const constant = value?.kind === "tensor" ? value.value : body.initializers.get(name);
    if (constant) return numbers(constant);
    if (made.has(name)) return undefined;
    const scalar = knownScalar(inference.info(name));
    return scalar === undefined ? knownInts(inference.info(name)) : [scalar];
  };
}

/** The sequence that loop-carried value `i` is, if it is empty at first, grows at its end, and is joined as a whole. */
function collectedBy(node: Node, body: Graph, i: number, around: Around): Collected | undefined {
  const state = body.inputs[i + 2]?.name;
  const insert = body.nodes.find(
    (n) => n.op === "SequenceInsert" && n.outputs[0] === body.outputs[i + 1]?.name,
  );
  const uses = body.nodes.filter((n) => n.inputs.includes(state ?? ""));
  if (!insert || insert.inputs[0] !== state || insert.inputs.length > 2 || uses.length !== 1)
    return undefined;
  const result = node.outputs[i] ?? "";
  const [join, ...others] = around.readers.get(result) ?? [];
  if (join?.op !== "ConcatFromSequence" || others.length > 0 || around.outputs.has(result)) return undefined;
  return { state: i, element: insert.inputs[1] ?? "", insert, join };
}

function scanFor(
  node: Node,
  body: Graph,
  picked: readonly Picked[],
  collected: readonly Collected[],
  { inference, fresh }: Around,
): Patch {
  const carried = node.inputs.length - 2;
  const isSequenceState = (i: number): boolean => collected.some((c) => c.state === i);
  const kept = Array.from({ length: carried }, (_, i) => i).filter((i) => !isSequenceState(i));
  const frames = framesOf(picked, inference, fresh);
  const replaced = new Set<Node>([...picked.map((p) => p.node), ...collected.map((c) => c.insert)]);
  const out = (name: ValueName): ValueInfo => body.outputs.find((o) => o.name === name) ?? { name };
  const stacked = body.outputs.slice(1 + carried);
  const elements = collected.map((c) => out(c.element));
  const wanted = [...kept.map((i) => body.outputs[i + 1] ?? { name: "" }), ...stacked, ...elements];
  // Values from outside may not come out of a body as they are.
  const copies = wanted.map((info) => ({ info, name: fresh(`${info.name}.out`) }));
  const inner: Graph = {
    ...body,
    inputs: [...kept.map((i) => body.inputs[i + 2] ?? { name: "" }), ...frames.infos],
    outputs: copies.map(({ info, name }) => ({ ...info, name })),
    nodes: liveNodes(
      [
        ...frames.nodes,
        ...body.nodes.filter((n) => !replaced.has(n)),
        ...copies.map(({ info, name }) => makeNode("Identity", [info.name], [name])),
      ],
      copies.map((c) => c.name),
    ),
  };
  const joined = collected.map(({ join }) => join.outputs[0] ?? "");
  const pieces = collected.map(({ join }, i) => joinOf(join, inference, fresh(`${joined[i]}.stacked`)));
  const outputAxes = [...stacked.map(() => 0), ...pieces.map((p) => p.axis)];
  const scan = makeNode(
    "Scan",
    [...kept.map((i) => node.inputs[i + 2] ?? ""), ...frames.sources],
    [
      ...kept.map((i) => node.outputs[i] || fresh(`${node.name || "loop"}.last`)),
      ...stacked.map((_, i) => node.outputs[carried + i] || fresh(`${node.name || "loop"}.all`)),
      ...pieces.map((p) => p.output),
    ],
    {
      body: { kind: "graph", value: inner },
      num_scan_inputs: intAttribute(frames.sources.length),
      scan_input_axes: intsAttribute(frames.axes),
      ...(outputAxes.length > 0 && { scan_output_axes: intsAttribute(outputAxes) }),
    },
    node.name,
  );
  return {
    removeNodes: new Set([node, ...collected.map((c) => c.join)]),
    addNodes: [scan, ...pieces.flatMap((p) => p.nodes)],
    setInitializers: new Map(pieces.flatMap((p) => [...p.initializers])),
  };
}

/** The nodes that something in `outputs` depends on: what computed with the iteration number has gone. */
function liveNodes(nodes: readonly Node[], outputs: readonly ValueName[]): Node[] {
  const needed = new Set(outputs);
  const live: Node[] = [];
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((o) => needed.has(o))) continue;
    live.push(node);
    for (const name of usedBy(node)) needed.add(name);
  }
  return live.reverse();
}

/** One Scan input for each value and axis that frames are picked from, and what gives a picked frame its old name. */
function framesOf(
  picked: readonly Picked[],
  { info }: InferenceResult,
  fresh: (base: ValueName) => ValueName,
) {
  const known = new Map<string, ValueName>();
  const sources: ValueName[] = [];
  const axes: number[] = [];
  const infos: ValueInfo[] = [];
  const nodes: Node[] = [];
  for (const { source, axis, node, keepsAxis } of picked) {
    const key = `${axis} ${source}`;
    let name = known.get(key);
    if (name === undefined) {
      name = fresh(`${source}.frame`);
      known.set(key, name);
      sources.push(source);
      axes.push(axis);
      const { dtype, shape } = info(source);
      infos.push({
        name,
        ...(dtype && { dtype }),
        ...(shape && { shape: shape.filter((_, i) => i !== axis) }),
      });
    }
    const target = node.outputs[0] ?? "";
    if (!keepsAxis) {
      nodes.push(makeNode("Identity", [name], [target]));
      continue;
    }
    const at = fresh(`${target}.axis`);
    nodes.push(makeNode("Constant", [], [at], { value: { kind: "tensor", value: longTensor([axis]) } }));
    nodes.push(makeNode("Unsqueeze", [name, at], [target]));
  }
  return { sources, axes, infos, nodes };
}

/** ConcatFromSequence of what a Scan stacks: stacked along a new axis, or elements of extent 1 side by side. */
function joinOf(join: Node, { info }: InferenceResult, stacked: ValueName) {
  const output = join.outputs[0] ?? "";
  const [given, asNew] = [join.attributes.axis, join.attributes.new_axis];
  const axis = given?.kind === "int" ? Number(given.value) : 0;
  const initializers = new Map<ValueName, Tensor>();
  if (asNew?.kind === "int" && asNew.value !== 0n) return { axis, output, nodes: [], initializers };
  // [… steps, 1 …] → [… steps …]
  const rank = info(output).shape?.length;
  const front = axis < 0 && rank !== undefined ? axis + rank : axis;
  const axes = `${stacked}.axes`;
  initializers.set(axes, longTensor([front + 1]));
  return {
    axis: front,
    output: stacked,
    nodes: [makeNode("Squeeze", [stacked, axes], [output])],
    initializers,
  };
}
