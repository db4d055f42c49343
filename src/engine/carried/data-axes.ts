import type { Shape, ValueName } from "../../core/ir/graph.ts";
import type { TimeAxes } from "../../core/stream/analysis.ts";
import type { OpenedModel } from "../open-model.ts";

const BATCH = /batch|^n$|^b$|^unk/i;

/**
 * Where the frames of a step most likely lie in the data inputs of a model that already streams: on the first open axis
 * that is not called a batch; else on the first axis of one frame behind the batch; else on the longest. Inputs that are
 * no float tensors have none.
 */
export function dataAxes(
  { inference }: Pick<OpenedModel, "inference">,
  inputs: readonly ValueName[],
): TimeAxes {
  return Object.fromEntries(
    inputs.flatMap((name) => {
      const { shape = [], dtype } = inference.info(name);
      const axis = dtype === "float32" ? likelyAxis(shape) : undefined;
      return axis === undefined ? [] : [[name, axis] as const];
    }),
  );
}

function likelyAxis(shape: Shape): number | undefined {
  if (shape.length === 0) return undefined;
  const open = shape.findIndex((d) => typeof d !== "number" && !BATCH.test(d ?? ""));
  if (open >= 0) return open;
  const single = shape.findIndex((d, i) => i > 0 && d === 1 && shape.length > 2);
  if (single >= 0) return single;
  const sizes = shape.map((d) => (typeof d === "number" ? d : 0));
  return sizes.indexOf(Math.max(...sizes));
}
