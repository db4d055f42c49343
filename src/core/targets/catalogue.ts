import { fail } from "../base/problem.ts";
import { onnxruntime } from "./onnxruntime.ts";
import type { Target } from "./target.ts";

/** Every deployment target, in the order they are offered. */
export const targets: readonly Target[] = [onnxruntime];

/** The target of that id. Throws `plan.unknownTarget`. */
export function targetById(id: string): Target {
  const known = targets.map((target) => target.id);
  return (
    targets.find((target) => target.id === id) ?? fail({ code: "plan.unknownTarget", target: id, known })
  );
}
