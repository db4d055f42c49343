import type { Graph, Model, Node, ValueName } from "../ir/graph.ts";
import { byteLength, type DType, sizeOf } from "../ir/tensor.ts";
import type { CacheMark } from "../plan/plan.ts";
import type { StreamAnalysis } from "./analysis.ts";
import { convert } from "./convert.ts";
import { type Cut, cutsThrough } from "./cuts.ts";
import { extentsOfPart } from "./extents.ts";
import { gated } from "./gate.ts";
import type { Module } from "./module.ts";
import { chunksPerRun, roundFramesOf } from "./periods.ts";
import { readsOf } from "./scope.ts";

/** What crosses the boundary behind one module. */
export interface Crossing {
  /** The marks that asked for this boundary. */
  readonly values: readonly ValueName[];
  readonly crossing: readonly {
    readonly value: ValueName;
    /** Shape and bytes per run of the module behind the boundary. */
    readonly shape: readonly number[];
    readonly dtype: DType;
    readonly bytes: number;
  }[];
}

export interface Partition {
  /** In running order. */
  readonly modules: readonly Module[];
  /** Per module, the offline nodes that it computes (static nodes are repeated and not listed). */
  readonly nodes: readonly (readonly Node[])[];
  /** Between module i and i + 1. */
  readonly crossings: readonly Crossing[];
}

export interface PartitionOptions {
  readonly chunk: number;
  readonly splits?: readonly ValueName[];
  readonly marks?: Readonly<Record<ValueName, CacheMark>>;
  readonly name?: string;
}

/**
 * Splits a model at the marked values and converts every part with caches of its own: a value whose history two modules
 * need is cached in both. A tensor that skips over modules enters its reader directly. Parts behind a stride may run every
 * so many chunks. Throws as `cutsThrough`, `chunksPerRun` and `convert` do.
 */
export function partition(
  model: Pick<Model, "graph" | "opsets">,
  analysis: StreamAnalysis,
  { chunk, splits = [], marks = {}, name = model.graph.name || "model" }: PartitionOptions,
): Partition {
  const cuts = cutsThrough(analysis, splits, roundFramesOf(analysis, chunk));
  const parts = partsOf(analysis, cuts);
  const runs = chunksPerRun(analysis, parts, chunk);
  const partOf = new Map<Node, number>();
  for (const [i, part] of parts.entries()) for (const node of part) partOf.set(node, i);
  const traffic = trafficOf(model.graph, analysis, partOf, parts.length);
  const modules: Module[] = [];
  const approximate = new Set<ValueName>();
  for (const [i, nodes] of parts.entries()) {
    const module = convert(model, analysis, {
      chunk: chunk * (runs[i] ?? 1),
      marks,
      nodes: new Set(nodes),
      outputs: traffic.outputs[i] ?? [],
      approximate,
      name: parts.length === 1 ? name : `${name}_${i}`,
    });
    for (const port of module.outputs) if (port.exact.kind === "approximate") approximate.add(port.name);
    modules.push(parts.length === 1 ? module : gated(module, analysis));
  }
  const extents = runs.map((n) => extentsOfPart(analysis, chunk * n));
  const crossings = cuts.map(({ values }, i) => ({
    values,
    crossing: (traffic.crossing[i] ?? []).map((value) => {
      const behind = extents[i + 1];
      if (!behind) throw new Error(`no module behind cut ${i}`);
      const [shape, dtype] = [behind.shape(value) ?? [], behind.dtype(value)];
      return { value, shape, dtype, bytes: byteLength(dtype, sizeOf(shape)) };
    }),
  }));
  return { modules, nodes: parts, crossings };
}

function partsOf(analysis: StreamAnalysis, cuts: readonly Cut[]): Node[][] {
  const parts: Node[][] = [...cuts.map(() => []), []];
  for (const node of analysis.graph.nodes) {
    const kind = analysis.plans.get(node)?.kind;
    if (kind === "static" || kind === "length" || kind === "grid") continue;
    const at = cuts.findIndex((cut) => cut.upstream.has(node));
    parts[at < 0 ? cuts.length : at]?.push(node);
  }
  return parts;
}

interface Traffic {
  /** Per module: what it gives out, model outputs included. */
  readonly outputs: ValueName[][];
  /** Per boundary: what is still needed behind it, model inputs included. */
  readonly crossing: ValueName[][];
}

function trafficOf(
  graph: Graph,
  analysis: StreamAnalysis,
  partOf: ReadonlyMap<Node, number>,
  count: number,
): Traffic {
  const lastReader = new Map<ValueName, number>();
  for (const [node, part] of partOf)
    for (const name of readsOf(analysis, node))
      lastReader.set(name, Math.max(part, lastReader.get(name) ?? 0));
  const isOutput = new Set(graph.outputs.map((o) => o.name));
  const outputs: ValueName[][] = Array.from({ length: count }, () => []);
  const crossing: ValueName[][] = Array.from({ length: count - 1 }, () => []);
  const cross = (value: ValueName, from: number): void => {
    for (let i = from; i < (lastReader.get(value) ?? 0); i++) crossing[i]?.push(value);
  };
  for (const input of graph.inputs)
    if (analysis.facts.get(input.name)?.kind === "stream") cross(input.name, 0);
  for (const node of graph.nodes) {
    const part = partOf.get(node);
    for (const value of node.outputs) {
      if (part === undefined) {
        if (isOutput.has(value)) outputs[count - 1]?.push(value);
        continue;
      }
      cross(value, part);
      if (value !== "" && (isOutput.has(value) || (lastReader.get(value) ?? 0) > part))
        outputs[part]?.push(value);
    }
  }
  return { outputs, crossing };
}
