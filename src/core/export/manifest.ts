import { stableJson } from "../base/stable-json.ts";
import { encodeUtf8 } from "../base/utf8.ts";
import type { ErrorSummary } from "../quant/error-metrics.ts";
import { approximationJson } from "./approximation-record.ts";
import {
  type ChipDeployment,
  deployed,
  initFile,
  moduleFile,
  type PackagedCache,
  type PackagedModule,
  type PackagedPort,
  type PackageInput,
  type ParityRecord,
  type Precision,
  type QuantizationRecord,
  startFile,
} from "./package-input.ts";

export const MANIFEST_FILE = "manifest.json";

/** Where each module's file is; the command line writes modules without a package's folders. */
export type FileOf = (precision: Precision, module: PackagedModule) => string;

/**
 * `manifest.json`, schema 1: enough to run the modules without Rill. `modules` are the ones to deploy, in running
 * order; in a quantized package `floatModules` are their float twins, in the same form.
 */
export function manifestFile(input: PackageInput, fileOf: FileOf = moduleFile): Uint8Array {
  return encodeUtf8(stableJson(manifestOf(input, fileOf)));
}

/** The manifest as plain data. */
export function manifestOf(input: PackageInput, fileOf: FileOf = moduleFile): object {
  const { precision, modules } = deployed(input);
  const records = (p: Precision, list: readonly PackagedModule[]) =>
    list.map((module) => moduleRecord(module, fileOf(p, module)));
  return {
    schema: 1,
    model: { name: input.model.name, sha256: input.model.sha256 },
    plan: input.plan,
    precision,
    chunk: input.chunk,
    rateHz: input.rateHz,
    inputs: input.inputs.map(portRecord),
    outputs: input.outputs.map(portRecord),
    modules: records(precision, modules),
    floatModules: precision === "float" ? undefined : records("float", input.float),
    chip: input.chip && chipRecord(input.chip),
    schedule: input.schedule,
    warmUp: input.warmUp,
    flushSteps: input.flushSteps,
    parity: parityRecord(input.parity),
    quantization: input.quantization ? quantizationRecord(input.quantization) : null,
    checks: input.checks,
  };
}

/** The manifest of a whole model that a chip runs unconverted: nothing in it streams. */
export function wholeModelManifest({
  model,
  plan,
  chunk,
  inputs,
  outputs,
  schedule,
  chip,
  checks,
}: Pick<PackageInput, "model" | "plan" | "chunk" | "inputs" | "outputs" | "schedule" | "checks"> & {
  readonly chip: ChipDeployment;
}): Uint8Array {
  return encodeUtf8(
    stableJson({
      schema: 1,
      model: { name: model.name, sha256: model.sha256 },
      plan,
      precision: "chip",
      chunk,
      inputs: inputs.map(portRecord),
      outputs: outputs.map(portRecord),
      modules: chip.modules.map((module) => moduleRecord(module, moduleFile("chip", module))),
      schedule,
      chip: chipRecord(chip),
      checks,
    }),
  );
}

function chipRecord({ target, bits }: ChipDeployment): object {
  const { id, idfTarget, vectorBytes, formats } = target;
  return { target: id, idfTarget, bits, rounding: formats[bits].rounding, vectorBytes };
}

function portRecord(port: PackagedPort): object {
  return {
    name: port.name,
    dtype: port.dtype,
    shape: port.shape,
    axis: port.axis ?? null,
    kind: port.kind,
    rate: port.rate.num / port.rate.den,
    delay: port.delay,
    framesPerStep: port.framesPerStep,
    order: port.order,
    ...(port.exact.kind === "approximate" && { approximate: port.exact.reason }),
    ...quantOf(port),
  };
}

function quantOf(tensor: { readonly scale?: number; readonly zeroPoint?: number }): object {
  return tensor.scale === undefined ? {} : { scale: tensor.scale, zeroPoint: tensor.zeroPoint ?? 0 };
}

function moduleRecord(module: PackagedModule, file: string): object {
  return {
    name: module.name,
    file,
    period: module.period,
    startStep: module.startStep,
    gateRuns: module.gateRuns,
    inputs: module.inputs.map(portRecord),
    outputs: module.outputs.map(portRecord),
    caches: module.caches.map((cache, i) => cacheRecord(cache, initFile(file, i))),
    start: module.start && {
      file: startFile(file),
      runs: module.start.runs,
      caches: module.start.caches.map((cache) => cacheRecord(cache)),
    },
    cost: module.cost,
  };
}

function cacheRecord(cache: PackagedCache, initPath = ""): object {
  return {
    input: cache.input,
    output: cache.output,
    shape: cache.shape,
    dtype: cache.dtype,
    kind: cache.kind,
    init: typeof cache.init === "number" ? cache.init : initPath,
    value: cache.value,
    axis: cache.axis,
    frames: cache.frames,
    holdSteps: cache.holdSteps ?? 0,
    internal: cache.internal,
    explicit: cache.explicit,
    ...quantOf(cache),
  };
}

/** An error summary; an infinite SQNR (no error at all) is written as null. */
export function errorRecord(error: ErrorSummary): object {
  return { ...error, sqnrDb: Number.isFinite(error.sqnrDb) ? error.sqnrDb : null };
}

function parityRecord(parity: ParityRecord): object {
  return {
    against: parity.against,
    verdict: parity.verdict,
    tolerance: parity.tolerance,
    frames: parity.frames,
    clips: parity.clips,
    outputs: parity.outputs.map(errorRecord),
    original: parity.original,
    ...(parity.approximation && { approximation: approximationJson(parity.approximation) }),
  };
}

function quantizationRecord(quantization: QuantizationRecord): object {
  return {
    target: quantization.target,
    method: quantization.method,
    outputs: quantization.outputs.map(errorRecord),
    integerParity: quantization.integerParity,
    floatBytes: quantization.floatBytes,
    quantizedBytes: quantization.quantizedBytes,
  };
}
