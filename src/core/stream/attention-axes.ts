import { named } from "../base/detail.ts";
import { attributesOf } from "../ir/attributes.ts";
import type { Dim, Node, Shape, ValueName } from "../ir/graph.ts";
import { sameDim } from "../ops/rules/dim.ts";
import { placeTime } from "../ops/rules/regroup.ts";
import type { RulesOf } from "./analysis.ts";
import { type AttentionContext, type GridValue, no } from "./attention-group.ts";
import type { Refusal } from "./flow.ts";
import { normalises } from "./grid-state.ts";

/** Values over time × time that are known so far. */
interface ReadGrids {
  readonly grids: ReadonlyMap<ValueName, GridValue>;
}

/**
 * Where the two axes of `grid` are in the result, of `rank` axes, of a node that reads it and perhaps other `grids`. Refused where they
 * do not come through ("timeContracted"), and where the grids that meet have them at different places ("axesDiffer").
 */
export function placedAxes(
  { rulesOf, inference }: Pick<AttentionContext, "rulesOf" | "inference">,
  node: Node,
  { grids, grid, rank }: ReadGrids & { readonly grid: GridValue; readonly rank: number },
): { readonly axes: readonly [number, number]; readonly rank: number } | { readonly refusal: Refusal } {
  if (isElementwise(node, grids, rulesOf)) {
    const others = node.inputs.map((name) => grids.get(name)).filter((g) => g !== undefined);
    const ends = (g: GridValue): string => g.axes.map((a) => g.rank - a).join();
    if (others.some((g) => ends(g) !== ends(grid))) return no("axesDiffer");
    const [a, b] = grid.axes;
    return { axes: [rank - grid.rank + a, rank - grid.rank + b], rank };
  }
  if (normalises(node)) return { axes: grid.axes, rank };
  const [x = ""] = node.inputs;
  const from = inference.info(x).shape ?? [];
  const to = inference.info(node.outputs[0] ?? "").shape ?? [];
  const axes = movedAxes(node, grid, from, to);
  return axes ? { axes, rank } : no("timeContracted", named(node.op));
}

/** Asked of the operator's own rule: a stream beside scalars passes through it untouched. */
function isElementwise(node: Node, grids: ReadGrids["grids"], rulesOf: RulesOf): boolean {
  const rules = rulesOf(node);
  const at = node.inputs.findIndex((name) => grids.has(name));
  const rule = rules?.stream?.({
    axes: node.inputs.map((_, i) => (i === at ? 0 : undefined)),
    operands: node.inputs.map((name, i) => (name === "" ? undefined : { shape: i === at ? [null] : [] })),
    results: [{ shape: [null] }],
  });
  return rule?.kind === "pointwise";
}

function movedAxes(
  node: Node,
  { axes, rank }: GridValue,
  from: Shape,
  to: Shape,
): readonly [number, number] | undefined {
  if (node.domain !== "") return undefined;
  switch (node.op) {
    case "Transpose": {
      const perm = attributesOf(node).optionalInts("perm") ?? from.map((_, i) => rank - 1 - i);
      const [a, b] = axes.map((axis) => perm.indexOf(axis));
      return a === undefined || b === undefined ? undefined : [a, b];
    }
    case "Reshape":
    case "Squeeze":
    case "Unsqueeze":
    case "Flatten": {
      const places = axes.map((axis) => placeTime(from, to, axis));
      const [a, b] = places;
      const whole = places.every((p) => p?.factor.num === p?.factor.den);
      const kept = (p: typeof a, axis: number): boolean =>
        p !== undefined && sameDim(to[p.axis] ?? null, (from[axis] ?? null) as Dim);
      return a && b && whole && a.axis !== b.axis && kept(a, axes[0]) && kept(b, axes[1])
        ? [a.axis, b.axis]
        : undefined;
    }
    default:
      return undefined;
  }
}
