import type { Node, ValueName } from "../ir/graph.ts";
import { type Tensor, tensorOf } from "../ir/tensor.ts";
import type { NodePlan, StreamAnalysis } from "./analysis.ts";
import type { EdgeMasks } from "./edge-masks.ts";
import type { Extents } from "./extents.ts";
import type { GraphWriter } from "./graph-writer.ts";
import { windowOfMask } from "./mask-band.ts";
import type { View } from "./views.ts";

type AttentionPlan = Extract<NodePlan, { kind: "attention" }>;

/** Whether keys come as a chunk behind their history, or all at once as offline has them. */
export type Keys = "chunk" | "all";

/** What the entries of one attention's tensors stand for, when `frames` queries are written. */
function windowOf({ frame }: AttentionPlan, frames: number, keys: Keys) {
  const history = keys === "all" ? 0 : frame.history;
  const lag = keys === "all" ? 0 : frame.delay - frame.keyDelay;
  return { rows: frames, columns: history + frames, history, lag };
}

/** Adds the masks that a node reads as constants; other inputs stay as they are given. */
export function writeMasks(
  out: GraphWriter,
  node: Node,
  plan: AttentionPlan,
  inputs: readonly ValueName[],
  frames: number,
  keys: Keys,
): ValueName[] {
  return inputs.map((name, i) => {
    const operand = plan.operands[i];
    if (operand?.kind !== "mask") return name;
    const { probe, size } = operand;
    const window = windowOf(plan, frames, keys);
    return out.constant(`${node.inputs[i]}.band`, windowOfMask(probe, size, plan.frame.period, window));
  });
}

/** Input 0 of a node with keys that are no true frames masked; where the context is limited, those outside it too. */
export function writeValidity(
  out: GraphWriter,
  analysis: StreamAnalysis,
  extents: Extents,
  masks: EdgeMasks,
  node: Node,
  plan: AttentionPlan,
  source: ValueName,
): ValueName {
  const { validity, frame, operands } = plan;
  const at = operands.findIndex((o) => o.kind === "grid");
  const grid = analysis.grids.get(node.inputs[at] ?? "");
  const rank = extents.shape(node.inputs[at] ?? "")?.length;
  if (!validity || !grid || rank === undefined) return source;
  const frames = extents.frames(frame.query);
  const window = windowOf(plan, frames, "chunk");
  const ones = (count: number): number[] => new Array<number>(count).fill(1);
  const behindKeys = rank - 1 - grid.keyAxis;
  const keys: View = {
    value: frame.key,
    node,
    input: at,
    // Keys are late alike: frame 0 is the first of the chunk as it meets the queries.
    from: -window.history,
    to: frames,
    use: "attention",
  };
  const tail = { delay: frame.keyDelay, length: frame.keyLength };
  return masks.selectKeys(source, keys, {
    junkFrames: frame.keyDelay,
    ...(analysis.exactEnd && { tail }),
    across: [window.columns, ...ones(behindKeys)],
    ...(frame.limits && {
      outside: out.constant(`${node.outputs[0]}.outside`, outside(plan, window, grid, rank)),
    }),
    fill: validity === "zero" ? 0 : "lowest",
  });
}

/** True for keys beyond the limits, with queries and keys on their axes of a tensor of this rank. */
function outside(
  { frame: { limits } }: AttentionPlan,
  { rows, columns, history, lag }: ReturnType<typeof windowOf>,
  { queryAxis, keyAxis }: { readonly queryAxis: number; readonly keyAxis: number },
  rank: number,
): Tensor {
  const dims = Array.from({ length: rank }, (_, i) => (i === queryAxis ? rows : i === keyAxis ? columns : 1));
  const flags = new Uint8Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const distance = r - lag - (c - history);
      const at = queryAxis < keyAxis ? r * columns + c : c * rows + r;
      const inside = limits && distance <= limits.left && -distance <= limits.right;
      flags[at] = inside ? 0 : 1;
    }
  }
  return tensorOf(flags, dims, "bool");
}
