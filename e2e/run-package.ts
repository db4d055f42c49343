import { unzipSync } from "fflate";
import * as ort from "onnxruntime-web/wasm";

/*
 * A package as someone runs it who has never seen Rill: the zip, its manifest, its npy files and onnxruntime-web.
 * Nothing of the engine is used here.
 */

export type Precision = "float" | "int8";

/** Tensors by name. */
export type Values = Readonly<Record<string, ort.Tensor>>;

interface PortRecord {
  readonly name: string;
  readonly shape: readonly number[];
  readonly axis: number | null;
}

interface ModuleRecord {
  readonly name: string;
  readonly file: string;
  readonly period: number;
  readonly startStep: number;
  readonly inputs: readonly PortRecord[];
  readonly outputs: readonly PortRecord[];
  readonly caches: readonly {
    readonly input: string;
    readonly output: string;
    readonly shape: readonly number[];
    readonly dtype: "float32" | "int8";
    readonly init: number | string;
    readonly value: string;
    readonly frames: number;
  }[];
}

/** The parts of manifest.json (schema 1) that running needs, and those that the journeys read. */
export interface Manifest {
  readonly schema: number;
  readonly model: { readonly name: string; readonly sha256: string };
  readonly precision: Precision;
  readonly chunk: number;
  readonly inputs: readonly PortRecord[];
  readonly outputs: readonly PortRecord[];
  readonly modules: readonly ModuleRecord[];
  readonly floatModules: readonly ModuleRecord[];
  readonly schedule: { readonly kind: string; readonly framesPerStep: number };
  readonly warmUp: { readonly wrongFrames: number };
  readonly parity: { readonly verdict: string; readonly frames: number };
  readonly quantization: {
    readonly integerParity: {
      readonly frames: number;
      readonly different: number;
      readonly differences: readonly { readonly cause: string; readonly maxSteps: number }[];
    };
  };
}

export interface OpenedPackage {
  readonly files: Readonly<Record<string, Uint8Array>>;
  readonly manifest: Manifest;
}

export function readPackage(zip: Uint8Array): OpenedPackage {
  const files = unzipSync(zip);
  return { files, manifest: json<Manifest>(files, "manifest.json") };
}

function fileOf(files: OpenedPackage["files"], path: string): Uint8Array {
  const bytes = files[path];
  if (!bytes) throw new Error(`the package has no ${path}`);
  return bytes;
}

function json<T>(files: OpenedPackage["files"], path: string): T {
  return JSON.parse(new TextDecoder().decode(fileOf(files, path))) as T;
}

/** The modules of one precision with their sessions. */
export interface OpenedModules {
  readonly precision: Precision;
  readonly modules: readonly ModuleRecord[];
  readonly sessions: readonly ort.InferenceSession[];
}

export async function openModules(opened: OpenedPackage, precision: Precision): Promise<OpenedModules> {
  const { manifest, files } = opened;
  const modules = precision === manifest.precision ? manifest.modules : manifest.floatModules;
  const sessions: ort.InferenceSession[] = [];
  for (const { file } of modules) sessions.push(await openSession(fileOf(files, file)));
  return { precision, modules, sessions };
}

export function openSession(bytes: Uint8Array): Promise<ort.InferenceSession> {
  ort.env.wasm.numThreads = 1;
  return ort.InferenceSession.create(bytes, { executionProviders: ["wasm"], logSeverityLevel: 3 });
}

/**
 * Streams chunks through the modules exactly when the schedule says: at each schedule step new frames arrive, then every
 * module whose turn it is runs on its next chunk. Gives all values of each chunk: crossing tensors, outputs, caches.
 */
export async function stream(
  { manifest, files }: OpenedPackage,
  { modules, sessions }: OpenedModules,
  chunks: readonly Values[],
): Promise<readonly Values[]> {
  const results = chunks.map((chunk): Record<string, ort.Tensor> => ({ ...chunk }));
  const latest: Record<string, ort.Tensor> = {};
  const caches = modules.map((module) =>
    Object.fromEntries(module.caches.map((c) => [c.input, initialCache(files, c)] as const)),
  );
  const done = modules.map(() => 0);
  for (let step = 0; done.some((n) => n < chunks.length); step++) {
    const arrivedFrames = (step + 1) * manifest.schedule.framesPerStep;
    for (const [i, { startStep, period, inputs, outputs, caches: edges }] of modules.entries()) {
      const [k = 0, session, held] = [done[i], sessions[i], caches[i]];
      const chunk = chunks[k];
      const turn = step >= startStep && (step - startStep) % period === 0;
      if (!turn || !chunk || !session || !held) continue;
      if ((k + 1) * manifest.chunk > arrivedFrames) throw new Error(`module ${i} is early at step ${step}`);
      const feeds: Record<string, ort.Tensor> = { ...held };
      for (const { name } of inputs) feeds[name] = tensorNamed({ ...latest, ...chunk }, name);
      const answer = await session.run(feeds);
      for (const { name } of outputs) latest[name] = tensorNamed(answer, name);
      for (const { input, output } of edges) held[input] = tensorNamed(answer, output);
      Object.assign(results[k] ?? {}, answer);
      done[i] = k + 1;
    }
  }
  return results;
}

function tensorNamed(values: Values, name: string): ort.Tensor {
  const tensor = values[name];
  if (!tensor) throw new Error(`nothing gives ${name}`);
  return tensor;
}

function initialCache(
  files: OpenedPackage["files"],
  { init, dtype, shape }: ModuleRecord["caches"][number],
): ort.Tensor {
  if (typeof init === "string") return readNpy(fileOf(files, init));
  const size = shape.reduce((n, d) => n * d, 1);
  return dtype === "int8"
    ? new ort.Tensor("int8", new Int8Array(size).fill(init), [...shape])
    : new ort.Tensor("float32", new Float32Array(size).fill(init), [...shape]);
}

/** Reads a NumPy file of version 1 in C order with the element types that packages use. */
export function readNpy(bytes: Uint8Array): ort.Tensor {
  const headerBytes = (bytes[8] ?? 0) + 256 * (bytes[9] ?? 0);
  const header = new TextDecoder().decode(bytes.subarray(10, 10 + headerBytes));
  const type = /'descr': *'([^']+)'/.exec(header)?.[1];
  const shape = /'shape': *\(([^)]*)\)/.exec(header)?.[1] ?? "";
  const dims = shape.split(",").flatMap((d) => (d.trim() === "" ? [] : [Number(d)]));
  const { buffer } = bytes.slice(10 + headerBytes);
  if (type === "<f4") return new ort.Tensor("float32", new Float32Array(buffer), dims);
  if (type === "|i1") return new ort.Tensor("int8", new Int8Array(buffer), dims);
  throw new Error(`an array of ${type}`);
}

/** Item `index` along the first axis of a tensor. */
function itemOf(tensor: ort.Tensor, index: number): ort.Tensor {
  const dims = tensor.dims.slice(1);
  const size = dims.reduce((n, d) => n * d, 1);
  const part = <A extends Float32Array | Int8Array>(data: A) =>
    data.slice(index * size, (index + 1) * size) as A;
  return tensor.type === "int8"
    ? new ort.Tensor("int8", part(tensor.data as Int8Array), dims)
    : new ort.Tensor("float32", part(tensor.data as Float32Array), dims);
}

/** Largest absolute difference of two tensors of the same size; not-a-number counts as infinite. */
export function maxDifference(a: ort.Tensor, b: ort.Tensor): number {
  const [x, y] = [a.data as ArrayLike<number>, b.data as ArrayLike<number>];
  if (x.length !== y.length) throw new Error(`sizes ${x.length} and ${y.length}`);
  let worst = 0;
  for (let i = 0; i < x.length; i++) {
    const difference = Math.abs((x[i] ?? 0) - (y[i] ?? 0));
    if (!(difference <= worst)) worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return worst;
}

type VectorIndex = Readonly<
  Record<
    Precision,
    Readonly<
      Record<
        string,
        {
          readonly steps: number;
          readonly inputs: Readonly<Record<string, string>>;
          readonly outputs: Readonly<Record<string, string>>;
          readonly nextCaches: Readonly<Record<string, string>>;
          readonly tolerances: Readonly<Record<string, number>>;
        }
      >
    >
  >
>;

/** The recorded inputs of the model, one chunk per step. */
export function recordedChunks({ manifest, files }: OpenedPackage): readonly Values[] {
  const vectors = Object.values(json<VectorIndex>(files, "vectors/index.json").float);
  const paths = Object.assign({}, ...vectors.map((v) => v.inputs)) as Record<string, string>;
  const steps = Math.min(...vectors.map((v) => v.steps));
  return Array.from({ length: steps }, (_, step) =>
    Object.fromEntries(
      manifest.inputs.map(({ name }) => [name, itemOf(readNpy(fileOf(files, paths[name] ?? "")), step)]),
    ),
  );
}

export interface VectorMismatch {
  readonly module: string;
  readonly value: string;
  readonly step: number;
  readonly error: number;
  readonly tolerance: number;
}

/** Streams the recorded inputs from reset and gives every output and cache that is not as recorded. */
export async function rerunVectors(
  opened: OpenedPackage,
  opener: OpenedModules,
): Promise<{ readonly compared: number; readonly mismatches: readonly VectorMismatch[] }> {
  const index = json<VectorIndex>(opened.files, "vectors/index.json")[opener.precision];
  const results = await stream(opened, opener, recordedChunks(opened));
  const mismatches: VectorMismatch[] = [];
  let compared = 0;
  for (const { name: module } of opener.modules) {
    const record = index[module];
    if (!record) throw new Error(`no vectors of ${module}`);
    for (const [value, path] of Object.entries({ ...record.outputs, ...record.nextCaches })) {
      const expected = readNpy(fileOf(opened.files, path));
      for (const [step, values] of results.entries()) {
        const error = maxDifference(tensorNamed(values, value), itemOf(expected, step));
        const tolerance = record.tolerances[value] ?? 0;
        compared++;
        if (!(error <= tolerance)) mismatches.push({ module, value, step, error, tolerance });
      }
    }
  }
  return { compared, mismatches };
}
