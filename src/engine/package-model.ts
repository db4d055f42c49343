import { fail } from "../core/base/problem.ts";
import { packageZip } from "../core/export/artefacts.ts";
import {
  type CheckRecord,
  type ChipDeployment,
  moduleFile,
  type PackagedCache,
  type PackagedModule,
  type PackageInput,
  type Precision,
} from "../core/export/package-input.ts";
import type { Tensor } from "../core/ir/tensor.ts";
import { withTwin } from "./esp/twin-session.ts";
import type { Job, Runtime } from "./ports.ts";
import { recordVectors, type VectorOptions } from "./record-vectors.ts";
import type { PackageReport } from "./reports.ts";
import type { RunnableCache, RunnableModule } from "./stepper.ts";
import { type VerifyProgress, verifyPackage } from "./verify-package.ts";

/** What the package tells, but for what packing itself finds out: vectors and checks. */
export interface PackageRequest extends Omit<PackageInput, "float" | "int8" | "chip" | "checks"> {
  readonly fileName: string;
  readonly float: readonly UnpackedModule[];
  readonly int8?: readonly UnpackedModule[];
  readonly chip?: UnpackedChip;
  /** Model inputs of the first steps; they become the test vectors. */
  readonly steps: readonly Readonly<Record<string, Tensor>>[];
}

export type UnpackedModule = Omit<PackagedModule, "vectors">;

/** What a chip runs, with the model inputs of the first steps as it receives them. */
export interface UnpackedChip extends Omit<ChipDeployment, "modules"> {
  readonly modules: readonly UnpackedModule[];
  readonly steps: readonly Readonly<Record<string, Tensor>>[];
}

export interface PackedModel {
  readonly report: PackageReport;
  readonly zip: Uint8Array;
}

/**
 * Packs and proves: writes the zip, reads every file back from its bytes, runs every module from reset against the
 * test vectors, writes the outcome into the manifest, and checks the final zip once more from scratch.
 * Throws `package.mismatch` with the worst value if a check fails: nothing unverified leaves.
 */
export async function packageModel(
  runtime: Runtime,
  request: PackageRequest,
  job: Job<VerifyProgress>,
): Promise<PackedModel> {
  const { fileName } = request;
  refuseDifference(request);
  const input = await withVectors(runtime, request);
  const draft = await verifyPackage(runtime, packageZip(input), { fileName, job: passOf(job, 0) });
  refuseFailure(draft.records);
  const zip = packageZip({ ...input, checks: draft.records.filter((r) => /\.(onnx|espdl)$/.test(r.file)) });
  const final = await verifyPackage(runtime, zip, { fileName, job: passOf(job, 1) });
  refuseFailure(final.records);
  return { report: final.report, zip };
}

/** Progress of one of two passes as that of both. */
function passOf(job: Job<VerifyProgress>, pass: 0 | 1): Job<VerifyProgress> {
  return {
    now: () => job.now(),
    checkpoint: () => job.checkpoint(),
    report: ({ done, total, ...at }) => job.report({ ...at, done: done + pass * total, total: 2 * total }),
  };
}

/** What the package tells, with test vectors from running every module over the first steps. */
export async function withVectors(runtime: Runtime, request: PackageRequest): Promise<PackageInput> {
  const { fileName: _, steps: __, float, int8, chip, ...told } = request;
  const scales = new Map<string, number>();
  for (const [value, params] of told.quantization?.params ?? []) {
    if (params.scales.length === 1) scales.set(value, params.scales[0] ?? 0);
  }
  const relativeTolerance = told.parity.tolerance;
  const recorded = async (
    modules: readonly UnpackedModule[],
    options: VectorOptions,
    { steps: fed }: Pick<PackageRequest, "steps"> = request,
  ) => {
    const perChunk = told.chunk / told.schedule.framesPerStep;
    const ready = modules.map((module) => runnable(module, perChunk));
    const vectors = await recordVectors(withTwin(runtime), ready, fed, options);
    return modules.map((module, i): PackagedModule => {
      const own = vectors[i];
      if (!own) throw new Error(`no vectors for ${module.name}`);
      return { ...module, vectors: own };
    });
  };
  return {
    ...told,
    float: await recorded(float, { relativeTolerance }),
    ...(int8 ? { int8: await recorded(int8, { relativeTolerance, scales }) } : {}),
    ...(chip && {
      chip: { ...withoutSteps(chip), modules: await recorded(chip.modules, { relativeTolerance: 0 }, chip) },
    }),
    checks: [],
  };
}

function withoutSteps({ steps: _, ...chip }: UnpackedChip): Omit<UnpackedChip, "steps"> {
  return chip;
}

/**
 * Throws `package.mismatch` if streaming did not equal offline: in float beyond the tolerance, or in integers for a
 * reason that is not known. Approximations that the plan asked for pass; they are labelled.
 */
export function refuseDifference({ parity, quantization, float, int8, chip }: PackageRequest): void {
  const fileOf = (precision: Precision, modules: readonly UnpackedModule[], value: string) => {
    const maker = modules.find((m) => m.outputs.some((p) => p.name === value)) ?? modules[0];
    return maker ? moduleFile(precision, maker) : "";
  };
  if (parity.verdict === "different") {
    const [first, ...rest] = parity.outputs;
    const worst = rest.reduce((w, e) => (w && w.maxRelative >= e.maxRelative ? w : e), first);
    if (!worst) throw new Error("a verdict without outputs");
    const { value, maxAbs, maxRelative } = worst;
    const tolerance = maxRelative > 0 ? (maxAbs / maxRelative) * parity.tolerance : 0;
    fail({ code: "package.mismatch", file: fileOf("float", float, value), value, maxAbs, tolerance });
  }
  const unexplained = quantization?.integerParity.differences.find((d) => d.cause === "unknown");
  if (unexplained) {
    const { value, maxSteps } = unexplained;
    fail({
      code: "package.mismatch",
      file: chip ? fileOf("chip", chip.modules, value) : fileOf("int8", int8 ?? [], value),
      value,
      maxAbs: maxSteps,
      tolerance: 0,
    });
  }
}

/** Throws `package.mismatch` with the worst failed check, if there is one. */
export function refuseFailure(records: readonly CheckRecord[]): void {
  const worst = records
    .filter((record) => !record.passed)
    .reduce<CheckRecord | undefined>(
      (w, r) => (w && w.maxAbs - w.tolerance >= r.maxAbs - r.tolerance ? w : r),
      undefined,
    );
  if (!worst) return;
  const { file, name, maxAbs, tolerance } = worst;
  fail({ code: "package.mismatch", file, value: name, maxAbs, tolerance });
}

function runnable(module: UnpackedModule, perChunk: number): RunnableModule {
  const { start } = module;
  return {
    name: module.name,
    bytes: module.bytes,
    chunks: module.period / perChunk,
    gateRuns: module.gateRuns,
    inputs: module.inputs,
    outputs: module.outputs,
    caches: module.caches.map(runnableCache),
    ...(start && { start: { ...start, caches: start.caches.map(runnableCache) } }),
  };
}

function runnableCache({ input, output, shape, dtype, init, holdSteps = 0 }: PackagedCache): RunnableCache {
  return { input, output, shape, dtype, init, holdSteps };
}
