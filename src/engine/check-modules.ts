import { fail, StudioError } from "../core/base/problem.ts";
import type { CheckRecord, Precision } from "../core/export/package-input.ts";
import type { ManifestCache, ManifestModule, ManifestPort } from "../core/export/read-manifest.ts";
import type { VectorPaths } from "../core/export/test-vectors.ts";
import { decodeNpy } from "../core/format/npy/decode-npy.ts";
import { sliceAxis } from "../core/ir/axis.ts";
import { elements, type Tensor } from "../core/ir/tensor.ts";
import type { Runtime } from "./ports.ts";
import { readVectors, rowOf, type StepVectors } from "./read-vectors.ts";
import { type RunnableCache, type RunnableModule, Stepper } from "./stepper.ts";

export interface ModuleSet {
  readonly precision: Precision;
  readonly modules: readonly ManifestModule[];
}

export interface CheckContext {
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Module → its vectors; absent: modules are only loaded. */
  readonly vectors: ReadonlyMap<string, VectorPaths> | undefined;
  readonly checkpoint: () => Promise<void>;
}

/**
 * Opens the modules of a set from the package's bytes, runs them from their initial caches over the vectors' steps and
 * compares everything that a run reads and makes with its vectors. One record per module: its worst error and what is allowed. Integer modules must
 * give the very same values; float ones may differ by the vectors' tolerances.
 */
export async function checkModules(
  runtime: Runtime,
  set: ModuleSet,
  context: CheckContext,
): Promise<CheckRecord[]> {
  const loaded: CheckRecord[] = [];
  for (const module of set.modules) {
    loaded.push(await load(runtime, module, context.files));
    if (module.start) loaded.push(await load(runtime, startOf(module, module.start), context.files));
  }
  const vectors = context.vectors;
  if (vectors === undefined || loaded.some((record) => !record.passed)) return loaded;
  return orFailure(set, () => replay(runtime, set, vectors, context));
}

/** Problems while running are failed checks of every module; a cancel and bugs go on. */
async function orFailure(set: ModuleSet, run: () => Promise<CheckRecord[]>): Promise<CheckRecord[]> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof StudioError) || error.problem.code === "job.cancelled") throw error;
    const name = error.problem.code;
    return set.modules.map((module) => record(module, name, Number.POSITIVE_INFINITY));
  }
}

function record(module: ManifestModule, name: string, maxAbs: number): CheckRecord {
  return { name, file: module.file, level: "loaded", passed: maxAbs === 0, maxAbs, tolerance: 0 };
}

async function load(
  runtime: Runtime,
  module: ManifestModule,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<CheckRecord> {
  const bytes = files.get(module.file);
  if (!bytes) return record(module, "missing", Number.POSITIVE_INFINITY);
  try {
    const session = await runtime.open(bytes);
    const { inputNames, outputNames } = session;
    await session.release();
    const carried = module.caches.filter((c) => !c.internal);
    const inputs = [...namesOf(module.inputs), ...carried.map((c) => c.input)];
    const outputs = [...namesOf(module.outputs), ...carried.map((c) => c.output)];
    const same = sameNames(inputs, inputNames) && outputs.every((name) => outputNames.includes(name));
    return same ? record(module, "load", 0) : record(module, "names", Number.POSITIVE_INFINITY);
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    return record(module, error.problem.code, Number.POSITIVE_INFINITY);
  }
}

function namesOf(ports: readonly ManifestPort[]): string[] {
  return ports.map((port) => port.name);
}

/** The file for a module's first runs, as a module of its own. */
function startOf(module: ManifestModule, { file, caches }: ManifestModule["start"] & object): ManifestModule {
  return { ...module, file, caches: [...module.caches, ...caches] };
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name) => b.includes(name));
}

async function replay(
  runtime: Runtime,
  set: ModuleSet,
  vectors: ReadonlyMap<string, VectorPaths>,
  { files, checkpoint }: CheckContext,
): Promise<CheckRecord[]> {
  const cases = set.modules.map((module) => readVectors(vectors.get(module.name), module.name, files));
  const inputs = modelInputs(set.modules, cases);
  const tolerances = new Map(cases.flatMap((c) => Object.entries(c.tolerances)));
  const worst = set.modules.map(() => new Worst());
  const stepper = await Stepper.open(
    runtime,
    set.modules.map((module) => runnable(module, files)),
  );
  try {
    const steps = Math.min(...cases.map((c, i) => c.steps * (set.modules[i]?.chunks ?? 1)));
    for (let step = 0; step < steps; step++) {
      await checkpoint();
      for (const run of await stepper.step(feedsOf(inputs, step))) {
        const module = set.modules[run.module] as ManifestModule;
        const expected = cases[run.module] as StepVectors;
        const row = Math.floor(step / module.chunks);
        const exact = set.precision !== "float";
        const add = (name: string, want: Tensor | undefined, have: Tensor | undefined, like = name) => {
          const allowed = exact ? 0 : (tolerances.get(like) ?? 0);
          const off = want && have ? difference(rowOf(want, row), have) : Number.POSITIVE_INFINITY;
          (worst[run.module] as Worst).add(name, allowed, off);
        };
        for (const { name } of module.outputs) add(name, expected.outputs.get(name), run.outputs.get(name));
        for (const c of module.caches)
          add(c.output, expected.nextCaches.get(c.output), run.after.get(c.input));
        for (const { name } of module.inputs) add(name, expected.inputs.get(name), run.inputs.get(name));
        for (const c of module.caches)
          add(c.input, expected.caches.get(c.input), run.before.get(c.input), c.output);
      }
    }
    return set.modules.flatMap(({ file, start, chunks }, i) => {
      const runs = Math.floor(steps / chunks);
      const own = (worst[i] as Worst).record(file, runs > (start?.runs ?? 0));
      return start ? [own, (worst[i] as Worst).record(start.file, runs > 0)] : [own];
    });
  } finally {
    await stepper.release();
  }
}

/** A model input as some module's vectors hold it: one row per run, `chunks` chunks along `axis` in each. */
interface RecordedInput {
  readonly rows: Tensor;
  readonly chunks: number;
  readonly axis: number | undefined;
}

/** Model input → its vectors, those of the fastest module that reads it. */
function modelInputs(
  modules: readonly ManifestModule[],
  cases: readonly StepVectors[],
): ReadonlyMap<string, RecordedInput> {
  const made = new Set(modules.flatMap((module) => namesOf(module.outputs)));
  const found = new Map<string, RecordedInput>();
  for (const [i, { chunks, inputs }] of modules.entries()) {
    for (const { name, axis } of inputs) {
      const rows = cases[i]?.inputs.get(name);
      if (!made.has(name) && !found.has(name) && rows) found.set(name, { rows, chunks, axis });
    }
  }
  return found;
}

function feedsOf(inputs: ReadonlyMap<string, RecordedInput>, step: number): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  for (const [name, { rows, chunks, axis }] of inputs) {
    const row = rowOf(rows, Math.floor(step / chunks));
    const frames = axis === undefined ? 0 : (row.dims[axis] ?? 0) / chunks;
    const from = (step % chunks) * frames;
    feeds[name] = axis === undefined ? row : sliceAxis(row, axis, from, from + frames);
  }
  return feeds;
}

/** The value that exceeds its tolerance most, or else comes nearest to it. */
class Worst {
  private name = "";
  private maxAbs = 0;
  private tolerance = 0;
  private passed = true;

  add(name: string, tolerance: number, maxAbs: number): void {
    this.passed &&= maxAbs <= tolerance;
    const over = maxAbs - tolerance;
    if (this.name !== "" && !(over > this.maxAbs - this.tolerance)) return;
    this.name = name;
    this.maxAbs = maxAbs;
    this.tolerance = tolerance;
  }

  record(file: string, ran: boolean): CheckRecord {
    const level = ran ? "executed" : "loaded";
    return {
      name: this.name,
      file,
      level,
      passed: this.passed,
      maxAbs: this.maxAbs,
      tolerance: this.tolerance,
    };
  }
}

/** Largest absolute difference; infinite if types, sizes or NaNs differ. */
function difference(want: Tensor, have: Tensor): number {
  if (want.dtype !== have.dtype || want.bytes.length !== have.bytes.length) return Number.POSITIVE_INFINITY;
  const a = elements(want) as ArrayLike<number | bigint>;
  const b = elements(have) as ArrayLike<number | bigint>;
  let worst = 0;
  for (let i = 0; i < a.length; i++) {
    if (Object.is(a[i], b[i])) continue;
    const d = Math.abs(Number(a[i]) - Number(b[i]));
    if (!(d <= worst)) worst = Number.isNaN(d) ? Number.POSITIVE_INFINITY : d;
  }
  return worst;
}

function runnable(module: ManifestModule, files: ReadonlyMap<string, Uint8Array>): RunnableModule {
  const { name, file, chunks, gateRuns, inputs, outputs } = module;
  const bytesOf = (path: string) =>
    files.get(path) ?? fail({ code: "package.malformed", file: path, what: { code: "fileMissing" } });
  const cachesOf = (caches: readonly ManifestCache[]) => caches.map((cache) => runnableCache(cache, files));
  const start = module.start && {
    runs: module.start.runs,
    bytes: bytesOf(module.start.file),
    caches: cachesOf(module.start.caches),
  };
  const caches = cachesOf(module.caches);
  return { name, bytes: bytesOf(file), chunks, gateRuns, inputs, outputs, caches, ...(start && { start }) };
}

function runnableCache(
  { init, ...cache }: ManifestCache,
  files: ReadonlyMap<string, Uint8Array>,
): RunnableCache {
  if (typeof init === "number") return { ...cache, init };
  const bytes =
    files.get(init) ?? fail({ code: "package.malformed", file: init, what: { code: "fileMissing" } });
  const tensor = decodeNpy(bytes, init);
  const fits = tensor.dtype === cache.dtype && tensor.dims.join() === cache.shape.join();
  return fits
    ? { ...cache, init: tensor }
    : fail({
        code: "package.malformed",
        file: init,
        what: { code: "cacheInit", name: cache.input, dtype: cache.dtype, dims: cache.shape.join(", ") },
      });
}
