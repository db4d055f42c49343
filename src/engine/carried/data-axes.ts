import { attributesOf } from "../../core/ir/attributes.ts";
import type { Graph, Shape, ValueName } from "../../core/ir/graph.ts";
import type { TimeAxes } from "../../core/stream/analysis.ts";
import type { OpenedModel } from "../open-model.ts";

const BATCH = /batch|^n$|^b$|^unk/i;

/**
 * Where the frames of a step most likely lie in the data inputs of a model that already streams: on the first open axis
 * that is not called a batch; else on the first axis of one frame behind the batch; else on the axis along which the model
 * joins states of that rank with new frames; else on the longest. Inputs that are no float tensors have none.
 */
export function dataAxes(
  { inference, normalized }: Pick<OpenedModel, "inference" | "normalized">,
  inputs: readonly ValueName[],
): TimeAxes {
  const rankOf = (name: ValueName) => inference.info(name).shape?.length;
  return Object.fromEntries(
    inputs.flatMap((name) => {
      const { shape = [], dtype } = inference.info(name);
      const axis =
        dtype === "float32"
          ? likelyAxis(shape, () => joinedAxis(normalized.graph, inputs, shape.length, rankOf))
          : undefined;
      return axis === undefined ? [] : [[name, axis] as const];
    }),
  );
}

function likelyAxis(shape: Shape, joined: () => number | undefined): number | undefined {
  if (shape.length === 0) return undefined;
  const open = shape.findIndex((d) => typeof d !== "number" && !BATCH.test(d ?? ""));
  if (open >= 0) return open;
  const single = shape.findIndex((d, i) => i > 0 && d === 1 && shape.length > 2);
  if (single >= 0) return single;
  const sizes = shape.map((d) => (typeof d === "number" ? d : 0));
  return joined() ?? sizes.indexOf(Math.max(...sizes));
}

/** The axis of the first join of a state (an input that is no data) with something else, in values of that rank. */
function joinedAxis(
  graph: Graph,
  data: readonly ValueName[],
  rank: number,
  rankOf: (name: ValueName) => number | undefined,
): number | undefined {
  const states = new Set(graph.inputs.map((v) => v.name).filter((name) => !data.includes(name)));
  for (const node of graph.nodes) {
    const state = node.op === "Concat" ? node.inputs.find((name) => states.has(name)) : undefined;
    if (state === undefined || rankOf(state) !== rank) continue;
    const axis = attributesOf(node).int("axis", 0);
    return axis < 0 ? axis + rank : axis;
  }
  return undefined;
}
