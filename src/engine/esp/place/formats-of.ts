import { fail } from "../../../core/base/problem.ts";
import type { Model } from "../../../core/ir/graph.ts";
import { nodeKey } from "../../../core/ir/graph.ts";
import type { Plan } from "../../../core/plan/plan.ts";
import { toEspdlDialect } from "../../../core/program/dialect/espdl-dialect.ts";
import type { FormatOf } from "../../../core/quant/esp/slots-of.ts";
import type { EspdlTarget } from "../../../core/targets/target.ts";

/** The format of every node: the plan's width, or the node's own. Throws `plan.unknownNode`. */
export function formatsOf(
  model: Model,
  target: EspdlTarget,
  { bits = 8, widths = {} }: Pick<Plan, "bits" | "widths">,
): FormatOf {
  if (Object.keys(widths).length === 0) return () => target.formats[bits];
  const { nodes } = toEspdlDialect(model).graph;
  const known = new Set(nodes.flatMap((node) => [nodeKey(node), node.name]));
  for (const node of Object.keys(widths)) if (!known.has(node)) fail({ code: "plan.unknownNode", node });
  return (node) => target.formats[widths[nodeKey(node)] ?? widths[node.name] ?? bits];
}
