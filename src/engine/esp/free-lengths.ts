import type { Model, Node, ValueInfo, ValueName } from "../../core/ir/graph.ts";
import { applyPatch } from "../../core/ir/patch.ts";
import { longTensor, numbers, type Tensor } from "../../core/ir/tensor.ts";
import { freshNames } from "../../core/passes/pass.ts";
import type { StreamAnalysis } from "../../core/stream/analysis.ts";

/**
 * A streaming model whose numbers of frames were fixed when it was exported, at any length: reshapes count the frames themselves,
 * slices that drop frames at the end count them from there. Nodes and values keep their names. A model without such numbers is
 * returned as it is.
 */
export function freeLengths(model: Model, analysis: StreamAnalysis): Model {
  const fixed = model.graph.inputs.some(({ name, shape }) => {
    const axis = analysis.axes[name];
    return axis !== undefined && typeof shape?.[axis] === "number";
  });
  if (!fixed) return model;
  const fresh = freshNames(model);
  const replaceNodes = new Map<Node, Node>();
  const setInitializers = new Map<ValueName, Tensor>();
  for (const node of model.graph.nodes) {
    const free = freeOperand(model, analysis, node);
    if (!free) continue;
    const name = fresh(`${node.outputs[0]}.frames`);
    setInitializers.set(name, free.tensor);
    const inputs = node.inputs.map((input, i) => (i === free.input ? name : input));
    replaceNodes.set(node, { ...node, inputs });
  }
  const graph = applyPatch(model.graph, { replaceNodes, setInitializers });
  const unbound = (v: ValueInfo): ValueInfo => {
    const axis = analysis.axes[v.name];
    return axis === undefined
      ? v
      : { ...v, ...(v.shape && { shape: v.shape.map((d, i) => (i === axis ? "frames" : d)) }) };
  };
  const outputs = graph.outputs.map(({ name, dtype }) => ({ name, ...(dtype && { dtype }) }));
  return { ...model, graph: { ...graph, inputs: graph.inputs.map(unbound), outputs, values: new Map() } };
}

interface FreeOperand {
  readonly input: number;
  readonly tensor: Tensor;
}

function freeOperand(model: Model, analysis: StreamAnalysis, node: Node): FreeOperand | undefined {
  const fact = analysis.facts.get(node.outputs[0] ?? "");
  if (fact?.kind !== "stream") return undefined;
  const constant = (i: number): number[] | undefined => {
    const tensor = model.graph.initializers.get(node.inputs[i] ?? "");
    return tensor && numbers(tensor);
  };
  if (node.op === "Reshape") {
    const shape = constant(1);
    if (!shape || shape[fact.axis] === undefined || (shape[fact.axis] ?? 0) <= 0) return undefined;
    const known = analysis.inference.info(node.outputs[0] ?? "").shape ?? [];
    const dims = shape.map((d, i) => (i === fact.axis ? -1 : d > 0 ? d : known[i]));
    const numbered = dims.map((d) => (typeof d === "number" ? d : 0));
    return dims.every((d) => typeof d === "number") ? { input: 1, tensor: longTensor(numbered) } : undefined;
  }
  const source = analysis.inference.info(node.inputs[0] ?? "").shape ?? [];
  const [ends, axes] = [constant(2), constant(3)];
  if (node.op !== "Slice" || !ends || !axes || source.length === 0) return undefined;
  const at = axes.findIndex((axis) => (axis < 0 ? axis + source.length : axis) === fact.axis);
  const [end, length] = [ends[at], source[fact.axis]];
  if (end === undefined || typeof length !== "number" || end <= 0) return undefined;
  const moved = ends.map((e, i) => (i !== at ? e : end < length ? end - length : Number.MAX_SAFE_INTEGER));
  return { input: 2, tensor: longTensor(moved) };
}
