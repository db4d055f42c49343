import { decodeUtf8 } from "../core/base/utf8.ts";
import { exponentsOf } from "../core/format/espdl/to-model.ts";
import { type Attribute, type Graph, type Node, nodeKey, type ValueName } from "../core/ir/graph.ts";
import { elements, numbers, sizeOf, type Tensor } from "../core/ir/tensor.ts";
import { consumersOf, infoOf, realInputs } from "../core/ir/walk.ts";
import { definitionOf, rulesFor } from "../core/ops/catalogue.ts";
import { valueGrids } from "../core/quant/qdq/value-grids.ts";
import type { Grid } from "../core/quant/quantized-model.ts";
import type { OpenedModel } from "./open-model.ts";
import type { InitializerSummary, ModelSummary, NodeSummary, ValueSummary } from "./reports.ts";
import { summarizeSubgraphs } from "./summarize-subgraphs.ts";
import { unknownOperators } from "./unknown-operators.ts";

/** What the studio and `rill inspect` show of a model: its structure, without weights. */
export function summarize(opened: OpenedModel): ModelSummary {
  const { normalized, original } = opened;
  const { graph } = normalized;
  const declared = infoOf(graph);
  const constants = [...graph.initializers.values()];
  const parameters = opened.espdl ? constants : constants.filter(isFloat);
  const grids = valueGrids(graph);
  const share = sharing();
  const value = (name: ValueName): ValueSummary => {
    const { dtype, shape } = opened.inference.info(name);
    return {
      name,
      ...(dtype && { dtype }),
      ...(shape && { shape: share(shape) }),
      ...(opened.espdl && exponentOf(declared(name))),
      ...gridSummary(grids.get(name)),
    };
  };
  const values: ValueSummary[] = [];
  for (const { outputs } of graph.nodes)
    for (const name of outputs) if (name !== "") values.push(value(name));
  return {
    name: opened.name,
    sha256: opened.sha256,
    irVersion: original.irVersion,
    opset: original.opsets.get("") ?? 0,
    producer: [original.producer.name, original.producer.version].filter(Boolean).join(" "),
    inputs: realInputs(graph).map((v) => value(v.name)),
    outputs: graph.outputs.map((v) => value(v.name)),
    nodes: nodeSummaries(opened, share),
    docs: docsOf(graph),
    values,
    initializers: [...graph.initializers].map(([name, t]) => ({
      name,
      dtype: t.dtype,
      shape: share(t.dims),
      bytes: t.bytes.byteLength,
      ...exponentOf(t),
      ...gridSummary(grids.get(name)),
      ...(opened.espdl && integersOf(t)),
    })),
    opHistogram: histogram(original.graph),
    parameterCount: parameters.reduce((n, t) => n + sizeOf(t.dims), 0),
    metadata: Object.fromEntries(original.metadata),
    support: support(graph),
    findings: [...opened.findings, ...(opened.espdl ? [] : unknownOperators(graph))],
    ...(opened.unused.length > 0 && { unused: opened.unused }),
    quantized: opened.espdl !== undefined,
  };
}

function exponentOf(record: { readonly extra?: object } | undefined): {
  exponents?: readonly number[];
} {
  const exponents = exponentsOf(record);
  return exponents ? { exponents } : {};
}

function gridSummary(grid: Grid | undefined): Pick<ValueSummary, "grid"> {
  if (!grid) return {};
  const ends = (all: readonly number[]) =>
    [
      all.reduce((m, x) => Math.min(m, x), Infinity),
      all.reduce((m, x) => Math.max(m, x), -Infinity),
    ] as const;
  const { dtype, scales, zeroPoints } = grid;
  return { grid: { dtype, scales: ends(scales), zeroPoints: ends(zeroPoints), channels: scales.length } };
}

/** How many of a weight's integers the summary shows. */
const FIRST_INTEGERS = 24;

function integersOf(t: Tensor): Pick<InitializerSummary, "integers"> {
  if (isFloat(t) || sizeOf(t.dims) === 0) return {};
  const all = elements(t);
  let min = Number(all[0]);
  let max = min;
  for (const value of all) {
    min = Math.min(min, Number(value));
    max = Math.max(max, Number(value));
  }
  return { integers: { min, max, first: Array.from(all.subarray(0, FIRST_INTEGERS), Number) } };
}

type Share = <T extends readonly unknown[] | Readonly<Record<string, string>>>(record: T) => T;

/** Makes one object of equal ones: what crosses a thread boundary then holds each shape once. */
function sharing(): Share {
  const known = new Map<string, unknown>();
  return <T>(record: T): T => {
    const key = JSON.stringify(record);
    const found = known.get(key);
    if (found !== undefined) return found as T;
    known.set(key, record);
    return record;
  };
}

function nodeSummaries(opened: OpenedModel, share: Share): NodeSummary[] {
  const { graph } = opened.normalized;
  const readers = consumersOf(graph);
  const weightBytes = (node: Node) => {
    let bytes = 0;
    for (const name of node.inputs) {
      const weight = graph.initializers.get(name);
      if (weight && readers.get(name)?.length === 1) bytes += weight.bytes.byteLength;
    }
    return bytes;
  };
  return graph.nodes.map((node) => ({
    key: nodeKey(node),
    op: node.op,
    domain: node.domain,
    name: node.name,
    inputs: node.inputs,
    outputs: node.outputs,
    attributes: share(
      Object.fromEntries(Object.entries(node.attributes).map(([k, a]) => [k, attributeText(a)])),
    ),
    macs: macsOf(node, opened),
    weightBytes: weightBytes(node),
    ...summarizeSubgraphs(node, opened.inference.info, describeInner),
  }));
}

/** Costs of subgraphs depend on how often they run, so none are told. */
function describeInner(node: Node) {
  return {
    op: node.op,
    domain: node.domain,
    name: node.name,
    attributes: Object.fromEntries(Object.entries(node.attributes).map(([k, a]) => [k, attributeText(a)])),
    macs: 0,
    weightBytes: 0,
  };
}

/** Of every operator in the graph and its subgraphs. */
function docsOf(graph: Graph): Record<string, string> {
  const docs: Record<string, string> = {};
  const ops = new Set<string>();
  for (const node of graph.nodes) {
    if (node.domain === "") ops.add(node.op);
    for (const a of Object.values(node.attributes))
      if (a.kind === "graph") Object.assign(docs, docsOf(a.value));
  }
  for (const op of ops) {
    const doc = definitionOf(op)?.doc;
    if (doc !== undefined) docs[op] = doc;
  }
  return docs;
}

/** Of one offline run at the declared length, symbolic dimensions counted as 1. */
function macsOf(node: Node, opened: OpenedModel): number {
  const rules = rulesFor(node);
  if (!rules?.cost) return 0;
  const concrete = (name: ValueName) => {
    const info = name === "" ? undefined : opened.inference.info(name);
    if (!info?.shape || info.shape.every((d) => typeof d === "number")) return info;
    return { ...info, shape: info.shape.map((d) => (typeof d === "number" ? d : 1)) };
  };
  const results = node.outputs.map((name) => concrete(name) ?? {});
  return rules.cost(node.inputs.map(concrete), results).macs;
}

function histogram(graph: Graph): Record<string, number> {
  const counts = new Map<string, number>();
  for (const n of graph.nodes) counts.set(n.op, (counts.get(n.op) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)));
}

function support(graph: Graph): ModelSummary["support"] {
  const rows = new Map<
    string,
    { op: string; count: number; shape: boolean; stream: boolean; quant: boolean }
  >();
  for (const node of graph.nodes) {
    const row = rows.get(node.op);
    if (row) row.count++;
    else {
      const rules = rulesFor(node);
      rows.set(node.op, {
        op: node.op,
        count: 1,
        shape: rules !== undefined,
        stream: rules?.stream !== undefined,
        quant: rules?.quant !== undefined,
      });
    }
  }
  return [...rows.values()];
}

const LONGEST_LIST = 16;

function attributeText(a: Attribute): string {
  switch (a.kind) {
    case "int":
    case "float":
      return String(a.value);
    case "string":
      return decodeUtf8(a.value);
    case "ints":
    case "floats":
      return listText(a.value);
    case "strings":
      return listText(a.value.map(decodeUtf8));
    case "tensor":
      return tensorText(a.value);
    case "tensors":
      return `${a.value.length} tensors`;
    case "graph":
      return `graph ${a.value.name}`;
    case "graphs":
      return `${a.value.length} graphs`;
    case "reference":
      return `@${a.value}`;
    case "opaque":
      return "…";
    default:
      return a satisfies never;
  }
}

function listText(values: readonly (string | number | bigint)[]): string {
  const shown = values.slice(0, LONGEST_LIST).join(", ");
  return values.length > LONGEST_LIST ? `[${shown}, … ${values.length}]` : `[${shown}]`;
}

function tensorText(t: Tensor): string {
  const head = `${t.dtype}[${t.dims.join("×")}]`;
  return t.dtype !== "string" && sizeOf(t.dims) <= LONGEST_LIST ? `${head} ${listText(numbers(t))}` : head;
}

function isFloat(t: Tensor): boolean {
  return t.dtype === "float32" || t.dtype === "float16" || t.dtype === "float64" || t.dtype === "bfloat16";
}
