import type { Model, Node, ValueInfo, ValueName } from "../ir/graph.ts";
import type { CacheMark } from "../plan/plan.ts";
import type { StreamAnalysis } from "./analysis.ts";
import { approximateValues } from "./approximate.ts";
import { costOf } from "./cost.ts";
import { extentsFor, extentsOfPart } from "./extents.ts";
import { GraphWriter, namesOf } from "./graph-writer.ts";
import type { Cache, Module, Port } from "./module.ts";
import { portOf } from "./ports.ts";
import { ringsFor } from "./rings.ts";
import { scopeOf } from "./scope.ts";
import { StreamWriter, writeIdentity } from "./stream-writer.ts";

export interface ConvertOptions {
  /** Model-input frames per step. */
  readonly chunk: number;
  readonly marks?: Readonly<Record<ValueName, CacheMark>>;
  readonly name?: string;
  /** The nodes to compute (default: all). Values of other nodes become input ports. */
  readonly nodes?: ReadonlySet<Node>;
  /** The values to give out (default: the model's outputs). */
  readonly outputs?: readonly ValueName[];
  /** Values that are approximate before they enter (from earlier modules). */
  readonly approximate?: ReadonlySet<ValueName>;
}

/**
 * The streaming form of a model, or of a part of it: one graph with explicit caches `cache.<value>` →
 * `cache.<value>.next`. A value keeps its name: `x` here is the chunk of `x` offline. Initializers are shared by reference.
 * Throws `stream.refused` for the first refusal on the way, `stream.chunkMultiple`, `plan.unknownValue`.
 */
export function convert(
  model: Pick<Model, "graph" | "opsets">,
  analysis: StreamAnalysis,
  options: ConvertOptions,
): Module {
  const { chunk, marks = {}, nodes, name = model.graph.name || "model" } = options;
  const extents = nodes ? extentsOfPart(analysis, chunk) : extentsFor(analysis, chunk);
  const outputs = options.outputs ?? model.graph.outputs.map((o) => o.name);
  const scope = scopeOf(analysis, nodes, outputs);
  const rings = ringsFor(analysis, extents, scope.nodes, marks);
  const out = new GraphWriter(namesOf(model.graph), model.opsets.get("") ?? 1);
  const writer = new StreamWriter(analysis, extents, rings, out);
  for (const node of scope.nodes) writer.write(node);
  for (const output of outputs) {
    const source = writer.resolve(output);
    if (source !== output) writeIdentity(out, source, output);
    const constant = model.graph.initializers.get(output);
    if (constant) out.initializers.set(output, constant);
  }
  writer.finish();
  const approximate = approximateValues(analysis, scope.nodes, rings, options.approximate);
  const port = (value: ValueName): Port => portOf(analysis, extents, value, approximate);
  const inputs = scope.inputs.map(port);
  const outputPorts = outputs.map(port);
  const caches = writer.caches;
  const graph = out.graph(
    name,
    [...inputs.map(infoOfPort), ...caches.map((c) => infoOfCache(c, c.input))],
    [...outputPorts.map(infoOfPort), ...caches.map((c) => infoOfCache(c, c.output))],
  );
  return {
    name,
    chunk,
    gateRuns: 0,
    graph,
    inputs,
    outputs: outputPorts,
    caches,
    cost: costOf(analysis, extents, scope.nodes, graph, caches),
  };
}

export function infoOfPort({ name, dtype, shape }: Port): ValueInfo {
  return { name, dtype, shape };
}

export function infoOfCache({ dtype, shape }: Cache, name: ValueName): ValueInfo {
  return { name, dtype, shape };
}
