import type { Finding } from "../base/problem.ts";
import type { ValueName } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { Approximation } from "../plan/approximation.ts";
import type { Plan } from "../plan/plan.ts";
import type { ErrorSummary, ErrorTrace } from "../quant/error-metrics.ts";
import type { ChipChoices } from "../quant/esp/joint/choice-trace.ts";
import type { QuantParams } from "../quant/scheme.ts";
import type { Cache, ModuleCost, Port } from "../stream/module.ts";
import type { EspdlTarget } from "../targets/target.ts";

/** A set of modules by what it computes with: float or QDQ ONNX, each in a folder of that name, or what a chip runs. */
export type Precision = "float" | "int8" | "chip";

export interface PackagedPort extends Port {
  /** Present if the tensor is an integer tensor: real = scale · (q − zeroPoint). */
  readonly scale?: number;
  readonly zeroPoint?: number;
  /** Where a chip keeps axes in another order: axis i of `shape` is axis order[i] of the model's. */
  readonly order?: readonly number[];
}

/** `init` is in the cache's own dtype. */
export interface PackagedCache extends Cache {
  readonly scale?: number;
  readonly zeroPoint?: number;
  /** Kept by the file itself (StreamingCache): no input and output of its own. */
  readonly internal?: true;
  /** Why a chip's file does not keep it itself. */
  readonly explicit?: ExplicitReason;
}

/** Why a cache is an input and an output of a chip's file instead of a StreamingCache. */
export type ExplicitReason =
  | "asked" // the plan wants all caches outside
  | "hold" // its first contents are held back
  | "init" // it does not start with zeros
  | "axis" // its frames do not lie one after the other in memory
  | "pattern"; // it is not read and written as a history of one value

/** One ONNX file of the package with everything that is needed to run it. */
export interface PackagedModule {
  readonly name: string;
  /** The encoded model. */
  readonly bytes: Uint8Array;
  /** Schedule steps from one run to the next. */
  readonly period: number;
  /** First schedule step at which it runs. */
  readonly startStep: number;
  /** Runs from reset that are left out: zeros stand for what they would give. */
  readonly gateRuns: number;
  readonly inputs: readonly PackagedPort[];
  readonly outputs: readonly PackagedPort[];
  readonly caches: readonly PackagedCache[];
  readonly cost: ModuleCost;
  /** The graph of the first runs, if they have their own. */
  readonly start?: PackagedStart;
  readonly vectors: ModuleVectors;
}

/** A second ONNX file of a module, for its first runs. */
interface PackagedStart {
  /** Runs of the module, from reset, that it is used for. */
  readonly runs: number;
  readonly bytes: Uint8Array;
  /** Caches that it keeps beside those of the module. */
  readonly caches: readonly PackagedCache[];
}

/** The first runs of one module; every tensor has the run as an extra first axis. */
export interface ModuleVectors {
  readonly steps: number;
  readonly inputs: ReadonlyMap<ValueName, Tensor>;
  /** Cache input → its content before each step. */
  readonly caches: ReadonlyMap<ValueName, Tensor>;
  readonly outputs: ReadonlyMap<ValueName, Tensor>;
  /** Cache output → its content after each step. */
  readonly nextCaches: ReadonlyMap<ValueName, Tensor>;
  /** Output or cache output → the absolute difference that another runtime may show. */
  readonly tolerances: ReadonlyMap<ValueName, number>;
}

export interface ScheduleRecord {
  readonly kind: "sequential" | "rotation" | "multiRate";
  readonly period: number;
  readonly framesPerStep: number;
  readonly steps: readonly {
    readonly step: number;
    readonly runs: readonly number[];
    readonly completes: boolean;
  }[];
  readonly table: readonly {
    readonly scheme: string;
    readonly peakMacs: number;
    readonly meanMacs: number;
    readonly peakSeconds: number;
    readonly meanSeconds: number;
    readonly newestLatencyFrames: number;
    readonly oldestLatencyFrames: number;
  }[];
  readonly chosen: string;
}

/** Offline float against streaming float. */
export interface ParityRecord {
  /** What the streaming modules were compared with; absent: the offline model. "file": the opened file, step by step. */
  readonly against?: "file";
  readonly verdict: "exact" | "approximate" | "different";
  /** Allowed maxRelative. */
  readonly tolerance: number;
  readonly outputs: readonly ErrorSummary[];
  readonly values: readonly ErrorSummary[];
  readonly traces: readonly ErrorTrace[];
  /** Present if something was approximated; then `outputs` are measured against the model in which nothing was. */
  readonly approximation?: ApproximationRecord;
  /** The opened file itself against its normalised form. */
  readonly original?: { readonly form: string; readonly runs: number; readonly maxRelative: number };
  readonly clips: readonly string[];
  /** Frames of the clips themselves, without the zeros that fill their last step. */
  readonly frames: number;
}

/** A streaming value that stands in for an offline one: how far it is off, over all compared frames. */
export interface MeasuredError {
  readonly value: ValueName;
  /** Of the reference's range. */
  readonly maxRelative: number;
  readonly sqnrDb: number;
  /** Frame with the largest error; −1 if there is none. */
  readonly worstFrame: number;
  /** Error at the last compared frame, of the reference's range. */
  readonly lastRelative: number;
  readonly frames: number;
}

/** A node that was replaced, and what that does to its own value. */
export interface ApproximatedNode {
  readonly node: string;
  readonly op: string;
  readonly approximation: Approximation;
  /** Absent if the value has no offline twin at the compared lengths. */
  readonly error?: MeasuredError;
}

/** What was approximated, measured against the model in which nothing was. */
export interface ApproximationRecord {
  readonly nodes: readonly ApproximatedNode[];
  /** Model outputs. */
  readonly outputs: readonly MeasuredError[];
  /** clip: offline over whole clips; ownLength: over pieces as long as the file declares; window: over the newest such piece at sampled steps. */
  readonly reference: "clip" | "ownLength" | "window";
}

/** Float against int8, and int8 offline against int8 streaming. */
export interface QuantizationRecord {
  readonly target: string;
  readonly method: string;
  readonly outputs: readonly ErrorSummary[];
  readonly values: readonly ErrorSummary[];
  readonly traces: readonly ErrorTrace[];
  readonly params: ReadonlyMap<ValueName, QuantParams>;
  readonly integerParity: {
    readonly frames: number;
    readonly elements: number;
    readonly different: number;
    /** Every difference by value, worst first, with its cause. */
    readonly differences: readonly {
      readonly value: ValueName;
      readonly count: number;
      readonly maxSteps: number;
      readonly cause: "roundingTie" | "upstream" | "unknown";
    }[];
  };
  readonly floatBytes: number;
  readonly quantizedBytes: number;
  readonly findings: readonly Finding[];
  /** How a chip's exponents and widths were found; absent where nothing was searched. */
  readonly choices?: ChipChoices;
}

export type CheckLevel = "executed" | "loaded" | "well-formed";

/** What was checked of one file after reading it back from the finished package. */
export interface CheckRecord {
  readonly name: string;
  readonly file: string;
  readonly level: CheckLevel;
  readonly passed: boolean;
  readonly maxAbs: number;
  readonly tolerance: number;
}

/** Everything that a package tells. Artefact writers read this and nothing else. */
export interface PackageInput {
  readonly plan: Plan;
  readonly model: {
    readonly name: string;
    readonly sha256: string;
    readonly producer: string;
    readonly opset: number;
    readonly parameterCount: number;
  };
  /** Sampling rate of the audio behind the input frames. */
  readonly rateHz?: number;
  /** Model-input frames per step. */
  readonly chunk: number;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly float: readonly PackagedModule[];
  /** Absent when nothing was quantized as QDQ. */
  readonly int8?: readonly PackagedModule[];
  /** Present for a chip. */
  readonly chip?: ChipDeployment;
  readonly schedule: ScheduleRecord;
  readonly warmUp: { readonly policy: string; readonly wrongFrames: number };
  readonly flushSteps: number;
  readonly parity: ParityRecord;
  readonly quantization?: QuantizationRecord;
  readonly checks: readonly CheckRecord[];
  readonly findings: readonly Finding[];
}

/** What a chip runs. */
export interface ChipDeployment {
  readonly target: EspdlTarget;
  readonly bits: 8 | 16;
  readonly modules: readonly PackagedModule[];
}

/** Path of a module's file in the package: ONNX, or `.espdl` for a chip. */
export function moduleFile(precision: Precision, module: Pick<PackagedModule, "name">): string {
  const name = fileSafe(module.name);
  return precision === "chip" ? `models/${name}.espdl` : `${precision}/${name}.onnx`;
}

/** Path of the graph for a module's first runs, beside its module's file. */
export function startFile(moduleFile: string): string {
  return `${moduleFile.replace(/\.onnx$/, "")}.start.onnx`;
}

/** Path of the file with a cache's contents at reset, beside its module's file. */
export function initFile(moduleFile: string, cache: number): string {
  return `${moduleFile.replace(/\.(onnx|espdl)$/, "")}.init-${cache}.npy`;
}

/** A name as part of a path on any file system: ASCII letters, digits, "-", "_" and ".", others as "_". */
export function fileSafe(name: string): string {
  const safe = name.replace(/[^A-Za-z0-9._-]/g, "_").replace(/^\.+/, "_");
  return safe === "" ? "_" : safe.slice(0, 80);
}

/** The modules to deploy: quantized ones where they exist. */
export function deployed(input: PackageInput): { precision: Precision; modules: readonly PackagedModule[] } {
  if (input.chip) return { precision: "chip", modules: input.chip.modules };
  return input.int8
    ? { precision: "int8", modules: input.int8 }
    : { precision: "float", modules: input.float };
}
