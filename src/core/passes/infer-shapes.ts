import type { Finding } from "../base/problem.ts";
import type { Dim, Graph, Model, Node, Shape, ValueInfo, ValueName } from "../ir/graph.ts";
import { byteLength, type DType, sizeOf, type Tensor, tensorOf } from "../ir/tensor.ts";
import { capturedBy, infoOf } from "../ir/walk.ts";
import { rulesFor } from "../ops/catalogue.ts";
import type { BodyOf, Inferred, OperandInfo, Operands } from "../ops/op.ts";

export interface InferenceResult {
  /** What is known of a value; an empty record for names the graph does not define. */
  info(name: ValueName): OperandInfo;
  readonly findings: readonly Finding[];
}

export interface InferenceOptions {
  /** Shapes of graph inputs that replace the declared ones; declared shapes of inner values are then ignored. */
  readonly inputShapes?: ReadonlyMap<ValueName, Shape>;
}

/** The newest opset whose operators the catalogue describes. */
const NEWEST_OPSET = 23;

/** A constant is worth computing if it does not outgrow its inputs by more than this. */
const GROWTH_BYTES = 1 << 16;

/**
 * Shapes, dtypes and constant values of every value of the main graph, in one walk over the operators' rules.
 * Unnamed dimensions of graph inputs get a name, so that lengths derived from them stay comparable.
 */
export function inferShapes(model: Model, options: InferenceOptions = {}): InferenceResult {
  const { graph } = model;
  const known = new Map<ValueName, OperandInfo>();
  for (const input of graph.inputs) {
    const shape = options.inputShapes?.get(input.name) ?? named(input);
    known.set(input.name, { ...(input.dtype && { dtype: input.dtype }), ...(shape && { shape }) });
  }
  for (const [name, t] of graph.initializers) {
    known.set(name, { dtype: t.dtype, shape: t.dims, constant: t });
  }
  inferNodes(graph, known, options.inputShapes ? () => undefined : infoOf(graph));
  return { info: (name) => known.get(name) ?? {}, findings: findingsOf(model) };
}

type Declared = (name: ValueName) => ValueInfo | undefined;

/** Adds what the nodes of a graph make to what is known. */
function inferNodes(graph: Graph, known: Map<ValueName, OperandInfo>, declared: Declared): void {
  for (const node of graph.nodes) {
    const operands = node.inputs.map((name) => (name === "" ? undefined : (known.get(name) ?? {})));
    const body: BodyOf = (attribute, inputs) => {
      const subgraph = node.attributes[attribute];
      return subgraph?.kind === "graph" ? inferBody(subgraph.value, inputs, known) : [];
    };
    const results = inferNode(node, operands, body);
    for (let i = 0; i < node.outputs.length; i++) {
      const name = node.outputs[i] ?? "";
      if (name !== "") known.set(name, withDeclared(results[i] ?? {}, declared(name)));
    }
  }
}

/** By attribute: what is known of a subgraph's values. */
export type SubgraphInference = ReadonlyMap<string, (name: ValueName) => OperandInfo>;

/**
 * What the values of a node's subgraphs are, when its operator says what their inputs are; a node without such a rule has
 * subgraphs without inputs of their own (If), or nothing is known of those.
 */
export function inferSubgraphs(node: Node, outside: (name: ValueName) => OperandInfo): SubgraphInference {
  const found = new Map<string, (name: ValueName) => OperandInfo>();
  const body: BodyOf = (attribute, inputs) => {
    const subgraph = node.attributes[attribute];
    if (subgraph?.kind !== "graph") return [];
    const known = new Map(capturedBy(subgraph.value).map((name) => [name, outside(name)]));
    const outputs = inferInto(subgraph.value, inputs, known);
    found.set(attribute, (name) => known.get(name) ?? {});
    return outputs;
  };
  rulesFor(node)?.infer(
    node.inputs.map((name) => (name === "" ? undefined : outside(name))),
    body,
  );
  for (const attribute of Object.keys(node.attributes)) if (!found.has(attribute)) body(attribute, []);
  return found;
}

/** Outputs of a subgraph for these inputs; it sees what is known around it. */
function inferBody(
  graph: Graph,
  inputs: Operands,
  outside: ReadonlyMap<ValueName, OperandInfo>,
): readonly OperandInfo[] {
  return inferInto(graph, inputs, new Map(outside));
}

/** The same, adding what is found to what is known. */
function inferInto(
  graph: Graph,
  inputs: Operands,
  known: Map<ValueName, OperandInfo>,
): readonly OperandInfo[] {
  const declared = infoOf(graph);
  for (const [i, { name }] of graph.inputs.entries())
    known.set(name, withDeclared(inputs[i] ?? {}, declared(name)));
  for (const [name, t] of graph.initializers) known.set(name, { dtype: t.dtype, shape: t.dims, constant: t });
  inferNodes(graph, known, declared);
  return graph.outputs.map((output) => known.get(output.name) ?? {});
}

/** One node: inferred outputs, with their values where these are constant. */
function inferNode(node: Node, operands: Operands, body: BodyOf): readonly OperandInfo[] {
  const rules = rulesFor(node);
  if (!rules) return [];
  const results = rules.infer(operands, body);
  const values = rules.fold && worthFolding(operands, results) ? rules.fold(operands) : undefined;
  if (!values && !results.some((r) => r.symbolic)) return results;
  return results.map((r, i) => {
    const constant = values?.[i] ?? materialized(r);
    return constant ? { ...r, dtype: constant.dtype, shape: constant.dims, constant } : r;
  });
}

/** Every input constant or readable as a shape, and a result that does not blow up. */
function worthFolding(operands: Operands, results: readonly Inferred[]): boolean {
  if (operands.length === 0) return true;
  const inputBytes = operands.reduce((n, o) => n + (o?.constant?.bytes.byteLength ?? 0), 0);
  return results.every((r) => {
    if (!r.shape || !r.dtype || r.shape.some((d) => typeof d !== "number")) return true;
    return byteLength(r.dtype, sizeOf(r.shape as readonly number[])) <= inputBytes + GROWTH_BYTES;
  });
}

/** The tensor of an integer vector whose elements are all known. */
function materialized({ dtype, shape, symbolic }: Inferred): Tensor | undefined {
  if (!symbolic || !shape || shape.length > 1 || !symbolic.every((d) => typeof d === "number")) {
    return undefined;
  }
  const dims = shape.length === 0 ? [] : [symbolic.length];
  return dtype && integerTensor(dtype, symbolic, dims);
}

function integerTensor(dtype: DType, values: readonly number[], dims: readonly number[]): Tensor | undefined {
  if (dtype === "int64") return tensorOf(BigInt64Array.from(values, BigInt), dims);
  if (dtype === "int32") return tensorOf(Int32Array.from(values), dims);
  if (dtype === "bool") return tensorOf(Uint8Array.from(values), dims, "bool");
  return undefined;
}

/** Fills what the rules could not find from the file's own value_info. */
function withDeclared(found: OperandInfo, declared: ValueInfo | undefined): OperandInfo {
  if (!declared) return found;
  const dtype = found.dtype ?? declared.dtype;
  const shape = mergedShape(found.shape, declared.shape);
  if (dtype === found.dtype && shape === found.shape) return found;
  return { ...found, ...(dtype && { dtype }), ...(shape && { shape }) };
}

function mergedShape(found: Shape | undefined, declared: Shape | undefined): Shape | undefined {
  if (!found || !declared || found.length !== declared.length) return found ?? declared;
  if (!found.includes(null)) return found;
  return found.map((d, i) => d ?? declared[i] ?? null);
}

function named(input: ValueInfo): Shape | undefined {
  return input.shape?.map((d: Dim, i) => d ?? `${input.name.replace(/\W/g, "_")}_${i}`);
}

function findingsOf(model: Model): Finding[] {
  const opset = model.opsets.get("") ?? 0;
  if (opset <= NEWEST_OPSET) return [];
  return [{ severity: "warning", problem: { code: "model.opsetTooNew", opset, newest: NEWEST_OPSET } }];
}
