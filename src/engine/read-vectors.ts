import { fail } from "../core/base/problem.ts";
import type { VectorPaths } from "../core/export/test-vectors.ts";
import { decodeNpy } from "../core/format/npy/decode-npy.ts";
import type { Tensor } from "../core/ir/tensor.ts";

/** Test vectors of one module as tensors whose first axis is the run. */
export interface StepVectors {
  readonly steps: number;
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly caches: ReadonlyMap<string, Tensor>;
  readonly outputs: ReadonlyMap<string, Tensor>;
  readonly nextCaches: ReadonlyMap<string, Tensor>;
  readonly tolerances: Readonly<Record<string, number>>;
}

/** Throws `package.malformed` if the module has no vectors or a file is missing, `npy.malformed` if one is broken. */
export function readVectors(
  paths: VectorPaths | undefined,
  module: string,
  files: ReadonlyMap<string, Uint8Array>,
): StepVectors {
  if (!paths) return fail({ code: "package.malformed", file: module, what: { code: "vectorsMissing" } });
  const load = (record: Readonly<Record<string, string>>) =>
    new Map(
      Object.entries(record).map(([name, path]) => {
        const bytes =
          files.get(path) ?? fail({ code: "package.malformed", file: path, what: { code: "fileMissing" } });
        const tensor = decodeNpy(bytes, path);
        if (tensor.dims[0] !== paths.steps)
          fail({ code: "package.malformed", file: path, what: { code: "vectorSteps" } });
        return [name, tensor] as const;
      }),
    );
  return {
    steps: paths.steps,
    inputs: load(paths.inputs),
    caches: load(paths.caches),
    outputs: load(paths.outputs),
    nextCaches: load(paths.nextCaches),
    tolerances: paths.tolerances,
  };
}

/** Index `row` of a tensor's first axis, as a view. */
export function rowOf(tensor: Tensor, row: number): Tensor {
  const [rows = 1, ...dims] = tensor.dims;
  const size = tensor.bytes.length / rows;
  return { dtype: tensor.dtype, dims, bytes: tensor.bytes.subarray(row * size, (row + 1) * size) };
}
