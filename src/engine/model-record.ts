import type { PackageInput } from "../core/export/package-input.ts";
import type { Model } from "../core/ir/graph.ts";
import { sizeOf } from "../core/ir/tensor.ts";
import type { OpenedModel } from "./open-model.ts";

/** What a package tells of the opened file. */
export function modelRecord({ name, sha256, original, normalized }: OpenedModel): PackageInput["model"] {
  return {
    name,
    sha256,
    producer: [original.producer.name, original.producer.version].filter(Boolean).join(" "),
    opset: original.opsets.get("") ?? 0,
    parameterCount: parameterCount(normalized),
  };
}

function parameterCount({ graph }: Model): number {
  return [...graph.initializers.values()]
    .filter((t) => t.dtype === "float32")
    .reduce((n, t) => n + sizeOf(t.dims), 0);
}
