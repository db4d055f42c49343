import type { Graph, Model, ValueInfo, ValueName } from "../core/ir/graph.ts";
import type { TimeAxes } from "../core/stream/analysis.ts";

/**
 * The offline model as a reference: the same nodes and weights, declared for any length on the time axes, giving out
 * `observe` beside (or instead of) its outputs. Nothing is rewritten, so a graph that has its length baked into a
 * constant still runs only at that length.
 */
export function lengthFree(model: Model, axes: TimeAxes, observe: readonly ValueName[]): Model {
  const { graph } = model;
  const inputs = graph.inputs.map((v) => {
    const axis = axes[v.name];
    return axis === undefined || !v.shape ? v : withSymbol(v, axis);
  });
  const declared = new Map(graph.outputs.map((v) => [v.name, v]));
  const outputs = observe.map((name) => typed(declared.get(name) ?? graph.values.get(name) ?? { name }));
  return { ...model, graph: { ...graph, inputs, outputs, values: new Map() } };
}

/** Fixed length of the time axis that the file declares, if it declares one; of the fastest input, if there are several. */
export function declaredFrames(graph: Graph, axes: TimeAxes): number | undefined {
  const declared = graph.inputs.flatMap((v) => {
    const axis = axes[v.name];
    const dim = axis === undefined ? undefined : v.shape?.[axis];
    return typeof dim === "number" ? [dim] : [];
  });
  return declared.length === 0 ? undefined : Math.max(...declared);
}

function withSymbol(v: ValueInfo, axis: number): ValueInfo {
  return { ...v, shape: (v.shape ?? []).map((d, i) => (i === axis ? "frames" : d)) };
}

/** Shapes are left out: those of the file belong to its own length. The element type must stay. */
function typed(v: ValueInfo): ValueInfo {
  return { name: v.name, dtype: v.dtype ?? "float32" };
}
