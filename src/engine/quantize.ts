import type { Finding } from "../core/base/problem.ts";
import type { Graph, Model, Node, ValueName } from "../core/ir/graph.ts";
import { byteLength, sizeOf } from "../core/ir/tensor.ts";
import { realInputs } from "../core/ir/walk.ts";
import { rulesFor } from "../core/ops/catalogue.ts";
import { inferShapes } from "../core/passes/infer-shapes.ts";
import type { Plan } from "../core/plan/plan.ts";
import { dtypeRange } from "../core/quant/params.ts";
import { assignParams, type NodePolicy, type PlacementOptions } from "../core/quant/placement.ts";
import { insertQdq } from "../core/quant/qdq/insert-qdq.ts";
import { roundHalfEven } from "../core/quant/round.ts";
import type { QuantParams } from "../core/quant/scheme.ts";
import { solve } from "../core/quant/solvers.ts";
import type { Statistics } from "../core/quant/statistic.ts";
import type { StreamAnalysis } from "../core/stream/analysis.ts";
import { deriveFacts } from "../core/stream/facts.ts";
import type { Cache, Module, Port } from "../core/stream/module.ts";
import { qdqTargetById } from "../core/targets/catalogue.ts";
import type { QdqTarget } from "../core/targets/target.ts";
import type { OpenedModel } from "./open-model.ts";

/** Where the integers of a value of the float graph are found, and how to read them. */
export type Quantized = ReadonlyMap<ValueName, { readonly name: ValueName; readonly params: QuantParams }>;

/** A model quantized for a target: the streaming modules, and its offline twin with the same parameters. */
export interface QuantizedModel {
  readonly target: QdqTarget;
  readonly params: ReadonlyMap<ValueName, QuantParams>;
  readonly findings: readonly Finding[];
  readonly opsets: Model["opsets"];
  /** Caches and ports between modules carry integers; `init` is in the cache's own dtype. */
  readonly modules: readonly Module[];
  /** Per module. */
  readonly quantized: readonly Quantized[];
  readonly offline: {
    readonly model: Model;
    readonly analysis: StreamAnalysis;
    readonly quantized: Quantized;
  };
}

/**
 * Quantizes offline model and modules with one set of parameters per value name, solved from the statistics by the
 * plan's method. Throws `quant.noStatistics`, `plan.unknownTarget`.
 */
export function quantize(
  opened: OpenedModel,
  analysis: StreamAnalysis,
  modules: readonly Module[],
  statistics: Statistics,
  plan: Pick<Plan, "target" | "method" | "keepFloat">,
): QuantizedModel {
  const target = qdqTargetById(plan.target);
  const { graph } = opened.normalized;
  const policy: NodePolicy = {
    ruleOf: (node: Node) => rulesFor(node)?.quant,
    keepFloat: new Set(plan.keepFloat),
  };
  const options: PlacementOptions = {
    ...policy,
    activations: target.activations,
    rangeOf: (value) => {
      const statistic = statistics.get(value);
      return statistic && solve(statistic, target.activations, plan.method);
    },
    materialised: outsideValues(modules),
  };
  const { params, findings } = assignParams(graph, options);
  const floatPorts = new Set([...realInputs(graph), ...graph.outputs].map((v) => v.name));
  const qdq = { ...policy, params, activations: target.activations, weights: target.weights, floatPorts };
  const written = modules.map((m) => insertQdq(m.graph, { ...qdq, caches: windowsOf(m) }));
  const starts = modules.map(
    (m) => m.start && insertQdq(m.start.graph, { ...qdq, caches: windowsOf(m) }).graph,
  );
  const opsets = new Map(opened.normalized.opsets);
  opsets.set("", Math.max(target.minOpset, opsets.get("") ?? 0));
  const offline = insertQdq(graph, qdq);
  const model: Model = { ...opened.normalized, opsets, graph: offline.graph };
  return {
    target,
    params,
    findings,
    opsets,
    modules: modules.map((m, i) => integerModule(m, written[i]?.graph ?? m.graph, starts[i], params)),
    quantized: written.map((w) => w.quantized),
    offline: {
      model,
      analysis: deriveFacts(model, inferShapes(model), analysis.axes, {
        approximate: analysis.approximate,
        paces: analysis.paces,
      }),
      quantized: offline.quantized,
    },
  };
}

/** Values that live outside a module: what its caches hold and what crosses between modules. */
function outsideValues(modules: readonly Module[]): Set<ValueName> {
  return new Set(
    modules.flatMap((m) => [
      ...windowsOf(m).map((c) => c.value),
      ...m.inputs.map((p) => p.name),
      ...m.outputs.map((p) => p.name),
    ]),
  );
}

/** Caches of past frames; what an operator carries over stays in the operator's own, float, format. */
function windowsOf(module: Module): Cache[] {
  return module.caches.filter((c) => c.kind === "window");
}

/** A module whose graph was quantized: ports and caches in the types that they have there. */
export function integerModule(
  module: Module,
  graph: Graph,
  startGraph: Graph | undefined,
  params: ReadonlyMap<ValueName, QuantParams>,
): Module {
  const dtypes = new Map([...graph.inputs, ...graph.outputs].map((v) => [v.name, v.dtype]));
  const port = (p: Port): Port => ({ ...p, dtype: dtypes.get(p.name) ?? p.dtype });
  const caches = module.caches.map((c) => integerCache(c, params.get(c.value)));
  const cacheBytes = caches.reduce((n, c) => n + byteLength(c.dtype, sizeOf(c.shape)), 0);
  const weightBytes = [...graph.initializers.values()].reduce((n, t) => n + t.bytes.byteLength, 0);
  return {
    ...module,
    graph,
    inputs: module.inputs.map(port),
    outputs: module.outputs.map(port),
    caches,
    cost: { ...module.cost, cacheBytes, weightBytes },
    ...(module.start && startGraph && { start: { ...module.start, graph: startGraph } }),
  };
}

function integerCache(cache: Cache, params: QuantParams | undefined): Cache {
  if (cache.kind === "state" || typeof cache.init !== "number") return cache;
  const [scale, zeroPoint] = [params?.scales[0], params?.zeroPoints[0]];
  if (!params || scale === undefined || zeroPoint === undefined) return cache;
  const { min, max } = dtypeRange(params.dtype);
  const init = Math.max(min, Math.min(max, roundHalfEven(cache.init / scale) + zeroPoint));
  return { ...cache, dtype: params.dtype, init };
}
