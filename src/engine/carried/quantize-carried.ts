import type { Node, ValueName } from "../../core/ir/graph.ts";
import { rulesFor } from "../../core/ops/catalogue.ts";
import type { Plan } from "../../core/plan/plan.ts";
import { assignParams, type NodePolicy } from "../../core/quant/placement.ts";
import { insertQdq } from "../../core/quant/qdq/insert-qdq.ts";
import { solve } from "../../core/quant/solvers.ts";
import type { Statistics } from "../../core/quant/statistic.ts";
import { qdqTargetById } from "../../core/targets/catalogue.ts";
import { integerModule, type QuantizedModel } from "../quantize.ts";
import type { Carried } from "./prepare-carried.ts";

/** A quantized model that is rolled: it has no offline twin. */
export type QuantizedCarried = Omit<QuantizedModel, "offline">;

/**
 * Quantizes a model that carries its own states. Past frames, which the graph only moves about, are kept as integers: both
 * ends of such a state share scale and zero point, so that a frame is quantized once however long it stays. What an
 * operator computes anew at every step (h, c, running sums) stays float, as does every other port.
 * Throws `quant.noStatistics`, `plan.unknownTarget`.
 */
export function quantizeCarried(
  { streaming }: Carried,
  statistics: Statistics,
  plan: Pick<Plan, "target" | "method" | "keepFloat">,
): QuantizedCarried {
  const target = qdqTargetById(plan.target);
  const { modules, opsets } = streaming.model;
  const [module] = modules;
  if (!module) throw new Error("a model without modules");
  const { graph } = module;
  const policy: NodePolicy = {
    ruleOf: (node: Node) => rulesFor(node)?.quant,
    keepFloat: new Set(plan.keepFloat),
  };
  const moved = module.caches.filter((c) => c.kind === "window" && c.dtype === "float32");
  const madeBy = new Map(module.caches.map((c) => [c.input, c.output]));
  const { params, findings } = assignParams(graph, {
    ...policy,
    activations: target.activations,
    rangeOf: (value: ValueName) => {
      const statistic = statistics.get(madeBy.get(value) ?? value);
      return statistic && solve(statistic, target.activations, plan.method);
    },
    materialised: new Set(moved.flatMap((c) => [c.input, c.output])),
    ties: moved.map((c) => [c.input, c.output] as const),
  });
  const integerPorts = new Set(moved.flatMap((c) => [c.input, c.output]));
  const ports = [...graph.inputs, ...graph.outputs].map((v) => v.name);
  const written = insertQdq(graph, {
    ...policy,
    params,
    activations: target.activations,
    weights: target.weights,
    floatPorts: new Set(ports.filter((name) => !integerPorts.has(name))),
  });
  const newer = new Map(opsets);
  newer.set("", Math.max(target.minOpset, opsets.get("") ?? 0));
  return {
    target,
    params,
    findings,
    opsets: newer,
    modules: [integerModule(module, written.graph, undefined, params)],
    quantized: [written.quantized],
  };
}
