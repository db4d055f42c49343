import { intAttribute, intsAttribute, makeNode, type Node, type ValueName } from "../ir/graph.ts";
import { longTensor } from "../ir/tensor.ts";
import type { StreamAnalysis } from "./analysis.ts";
import type { Extents } from "./extents.ts";
import type { GraphWriter } from "./graph-writer.ts";
import { writeScan } from "./scan.ts";

/** The part of a graph behind the cuts to per-step values, run once for each of many steps. */
export interface PerStepRegion {
  /** Values that exist once per step and are made outside: windows of frames, and states. */
  readonly made: ReadonlySet<ValueName>;
  /** Everything that reads windows. */
  readonly nodes: readonly Node[];
}

export function perStepRegion(analysis: StreamAnalysis, nodes: readonly Node[]): PerStepRegion {
  const behind = (node: Node) => analysis.plans.get(node)?.kind === "perStep";
  const before = nodes.filter((n) => !behind(n)).flatMap((n) => n.outputs);
  return {
    made: new Set(before.filter((name) => analysis.facts.get(name)?.kind === "perStep")),
    nodes: nodes.filter(behind),
  };
}

/**
 * Writes target[i] = source[…, starts[i] … starts[i]+frames, …] for every step i: windows stacked on a new first axis,
 * in another shape if one is given.
 */
export function writeWindows(
  out: GraphWriter,
  source: ValueName,
  target: ValueName,
  axis: number,
  rank: number,
  windows: {
    readonly starts: readonly number[];
    readonly frames: number;
    readonly shape?: readonly number[] | undefined;
  },
): void {
  const { starts, frames, shape } = windows;
  const indices = out.fresh(`${target}.frames`);
  const rows = starts.flatMap((start) => Array.from({ length: frames }, (_, k) => start + k));
  out.initializers.set(indices, longTensor(rows, [starts.length, frames]));
  const gathered = out.fresh(`${target}.gathered`);
  out.nodes.push(makeNode("Gather", [source, indices], [gathered], { axis: intAttribute(axis) }));
  // Gather leaves the steps at `axis`, with the frames behind them.
  const others = Array.from({ length: rank + 1 }, (_, i) => i).filter((i) => i !== axis);
  const perm = intsAttribute([axis, ...others]);
  const stacked = shape ? out.fresh(`${target}.stacked`) : target;
  out.nodes.push(makeNode("Transpose", [gathered], [stacked], { perm }));
  if (shape) out.reshape(stacked, target, [starts.length, ...shape]);
}

/**
 * Writes the nodes of the region as the body of one Scan over its windows. The named values come out as
 * [steps, …shape per step]. `inputsOf` are the inputs of a node with constants in place (see StreamWriter).
 */
export function writeRegion(
  out: GraphWriter,
  extents: Extents,
  region: PerStepRegion,
  observed: readonly ValueName[],
  inputsOf: (node: Node) => readonly ValueName[],
): void {
  const made = new Set(region.nodes.flatMap((n) => n.outputs));
  const outputs = observed.filter((v) => made.has(v));
  if (outputs.length === 0) return;
  const nodes = region.nodes.map((n) => ({ ...n, inputs: inputsOf(n) }));
  const read = new Set(nodes.flatMap((n) => n.inputs).filter((name) => name !== "" && !made.has(name)));
  const initializers = new Map([...out.initializers].filter(([name]) => read.has(name)));
  out.nodes.push(
    writeScan({
      nodes,
      initializers,
      infoOf(name) {
        const shape = extents.shape(name);
        return { name, dtype: extents.dtype(name), ...(shape && { shape }) };
      },
      states: [],
      scanInputs: [...read].filter((name) => region.made.has(name)),
      captured: [...read].filter((name) => !region.made.has(name) && !initializers.has(name)),
      outputs,
    }),
  );
  // Weights that only the body reads need not stand outside as well.
  const outside = new Set(out.nodes.slice(0, -1).flatMap((n) => n.inputs));
  for (const name of initializers.keys()) if (!outside.has(name)) out.initializers.delete(name);
}
