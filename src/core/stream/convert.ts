import type { Model, Node, ValueInfo, ValueName } from "../ir/graph.ts";
import type { CacheMark } from "../plan/plan.ts";
import type { StreamAnalysis } from "./analysis.ts";
import { approximateValues } from "./approximate.ts";
import { costOf } from "./cost.ts";
import { extentsFor, extentsOfPart } from "./extents.ts";
import { GraphWriter, namesOf } from "./graph-writer.ts";
import type { Cache, Module, ModuleStart, Port } from "./module.ts";
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
  const { module } = written(model, analysis, options);
  if (analysis.warmUp !== "two-graph") return module;
  const masked = written(model, { ...analysis, warmUp: "mask" }, options);
  return masked.maskedRuns === 0 ? module : { ...module, start: startOf(module, masked) };
}

interface Written {
  readonly module: Module;
  /** Runs after which its masks do nothing. */
  readonly maskedRuns: number;
}

/** The masked form of a module for its first runs: it leaves every cache as the module itself expects it. */
function startOf(module: Module, { module: { graph, caches }, maskedRuns }: Written): ModuleStart {
  const known = new Map(caches.map((c) => [c.input, c]));
  for (const { input, output, shape } of module.caches) {
    const twin = known.get(input);
    if (twin?.output !== output || twin.shape.join() !== shape.join())
      throw new Error(`${input} differs between the two graphs`);
    known.delete(input);
  }
  return { runs: maskedRuns, graph: { ...graph, name: `${graph.name}_start` }, caches: [...known.values()] };
}

function written(
  model: Pick<Model, "graph" | "opsets">,
  analysis: StreamAnalysis,
  options: ConvertOptions,
): Written {
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
  const cost = costOf(analysis, extents, scope.nodes, graph, caches);
  const module = { name, chunk, gateRuns: 0, graph, inputs, outputs: outputPorts, caches, cost };
  return { module, maskedRuns: writer.maskedRuns };
}

export function infoOfPort({ name, dtype, shape }: Port): ValueInfo {
  return { name, dtype, shape };
}

export function infoOfCache({ dtype, shape }: Cache, name: ValueName): ValueInfo {
  return { name, dtype, shape };
}
