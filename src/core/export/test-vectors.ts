import { stableJson } from "../base/stable-json.ts";
import { encodeUtf8 } from "../base/utf8.ts";
import { encodeNpy } from "../format/npy/encode-npy.ts";
import type { Tensor } from "../ir/tensor.ts";
import {
  fileSafe,
  type ModuleVectors,
  type PackagedModule,
  type PackageInput,
  type Precision,
} from "./package-input.ts";

type Kind = "input" | "cache" | "output" | "next";

/** Where the vectors of one module are: value → path of its npy file in the package. */
export interface VectorPaths {
  readonly steps: number;
  readonly inputs: Readonly<Record<string, string>>;
  readonly caches: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
  readonly nextCaches: Readonly<Record<string, string>>;
  readonly tolerances: Readonly<Record<string, number>>;
}

const folderOf = (precision: Precision, module: Pick<PackagedModule, "name">): string =>
  `vectors/${precision}/${fileSafe(module.name)}`;

/** Paths of a module's vectors; the index in the file name keeps names apart that look alike on a file system. */
export function vectorPaths(precision: Precision, module: PackagedModule): VectorPaths {
  const folder = folderOf(precision, module);
  const paths = (kind: Kind, tensors: ReadonlyMap<string, Tensor>) =>
    Object.fromEntries(
      [...tensors.keys()].map((name, i) => [name, `${folder}/${kind}-${i}.${fileSafe(name)}.npy`]),
    );
  const { steps, inputs, caches, outputs, nextCaches, tolerances } = module.vectors;
  return {
    steps,
    inputs: paths("input", inputs),
    caches: paths("cache", caches),
    outputs: paths("output", outputs),
    nextCaches: paths("next", nextCaches),
    tolerances: Object.fromEntries(tolerances),
  };
}

/** The first steps of every module: one npy file per tensor with the step as first axis, and an index of them. */
export function vectorFiles(input: Pick<PackageInput, "float" | "int8" | "chip">): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const index: Record<string, Record<string, VectorPaths>> = {};
  const sets: readonly [Precision, readonly PackagedModule[]][] = [
    ["float", input.float],
    ["int8", input.int8 ?? []],
    ["chip", input.chip?.modules ?? []],
  ];
  for (const [precision, modules] of sets) {
    for (const module of modules) {
      const paths = vectorPaths(precision, module);
      index[precision] = { ...index[precision], [module.name]: paths };
      for (const [path, tensor] of pathsAndTensors(paths, module.vectors)) files.set(path, encodeNpy(tensor));
    }
  }
  if (files.size > 0) files.set(VECTOR_INDEX, encodeUtf8(stableJson(index)));
  return files;
}

export const VECTOR_INDEX = "vectors/index.json";

function* pathsAndTensors(paths: VectorPaths, vectors: ModuleVectors): Generator<[string, Tensor]> {
  for (const kind of ["inputs", "caches", "outputs", "nextCaches"] as const) {
    for (const [name, tensor] of vectors[kind]) yield [paths[kind][name] ?? "", tensor];
  }
}
