import { fail } from "../base/problem.ts";
import { esp32 } from "./esp32.ts";
import { esp32C2 } from "./esp32-c2.ts";
import { esp32C3 } from "./esp32-c3.ts";
import { esp32C5 } from "./esp32-c5.ts";
import { esp32C6 } from "./esp32-c6.ts";
import { esp32P4 } from "./esp32-p4.ts";
import { esp32S2 } from "./esp32-s2.ts";
import { esp32S3 } from "./esp32-s3.ts";
import { esp32S31 } from "./esp32-s31.ts";
import { onnxruntime } from "./onnxruntime.ts";
import type { QdqTarget, Target } from "./target.ts";

/** Every deployment target, in the order they are offered. */
export const targets: readonly Target[] = [
  onnxruntime,
  esp32S3,
  esp32P4,
  esp32S31,
  esp32,
  esp32S2,
  esp32C2,
  esp32C3,
  esp32C5,
  esp32C6,
];

/** The target of that id or alias. Throws `plan.unknownTarget`. */
export function targetById(id: string): Target {
  const known = targets.map((target) => target.id);
  return (
    targets.find((target) => target.id === id || target.aliases?.includes(id)) ??
    fail({ code: "plan.unknownTarget", target: id, known })
  );
}

/** The target of that id if it is written as QDQ. Throws `plan.unknownTarget`; another exporter is a bug of the caller. */
export function qdqTargetById(id: string): QdqTarget {
  const target = targetById(id);
  if (target.exporter !== "onnx-qdq") throw new Error(`${target.id} is not written as QDQ`);
  return target;
}
