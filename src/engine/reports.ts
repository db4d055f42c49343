import type { AppliedApproximation } from "../core/approximation/approximate.ts";
import type { Finding } from "../core/base/problem.ts";
import type { ParityRecord, QuantizationRecord } from "../core/export/package-input.ts";
import type { Shape, ValueName } from "../core/ir/graph.ts";
import type { DType } from "../core/ir/tensor.ts";
import type { FeatureSettings } from "../core/plan/plan.ts";
import type { NotRun } from "../core/proof/proof.ts";
import type { ErrorSummary, ErrorTrace } from "../core/quant/error-metrics.ts";
import type { Statistics } from "../core/quant/statistic.ts";
import type { TimeAxes } from "../core/stream/analysis.ts";
import type { StreamFact } from "../core/stream/fact.ts";
import type { Cache, CacheProposal, ModuleCost, Port, WarmUp } from "../core/stream/module.ts";
import type { Schedule } from "../core/stream/schedule.ts";
import type { AxisCandidates } from "../core/stream/time-axis.ts";
import type { StateProposals } from "./carried/analyse-plan.ts";
import type { SearchProgress } from "./esp/place/search-progress.ts";

export type { ErrorSummary, ErrorTrace };

/*
 * What use cases answer with: plain data that crosses the thread boundary, is printed by the command line
 * (`--json`) and shown by panels. No tensors of weights, no functions.
 */

export interface ValueSummary {
  readonly name: ValueName;
  readonly dtype?: DType;
  readonly shape?: Shape;
  /** Of an `.espdl` file: one, or one per output channel; the real number is the integer × 2^exponent. */
  readonly exponents?: readonly number[];
  /** Of an ONNX file with QuantizeLinear and DequantizeLinear. */
  readonly grid?: GridSummary;
}

/** Least and greatest over the channels that have scales of their own. */
export interface GridSummary {
  readonly dtype: DType;
  readonly scales: readonly [least: number, greatest: number];
  readonly zeroPoints: readonly [least: number, greatest: number];
  readonly channels: number;
}

export interface NodeSummary {
  /** nodeKey() of the node. */
  readonly key: string;
  readonly op: string;
  readonly domain: string;
  readonly name: string;
  readonly inputs: readonly ValueName[];
  readonly outputs: readonly ValueName[];
  /** Attribute name → short text. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly macs: number;
  /** Bytes of the initializers that only this node reads. */
  readonly weightBytes: number;
  /** Of If, Loop, Scan and their like. */
  readonly subgraphs?: readonly SubgraphSummary[];
  /** Names around the node that its subgraphs read, besides its inputs. */
  readonly captured?: readonly ValueName[];
}

/** A subgraph of a node. Names that live in it begin with where it hangs (see core/ir/scoped-name.ts). */
export interface SubgraphSummary {
  /** Attribute that holds it, such as "then_branch". */
  readonly attribute: string;
  readonly inputs: readonly ValueName[];
  /** May be names from outside. */
  readonly outputs: readonly ValueName[];
  readonly nodes: readonly NodeSummary[];
  /** Its inputs and what its nodes make. */
  readonly values: readonly ValueSummary[];
  readonly initializers: readonly InitializerSummary[];
}

export interface InitializerSummary extends ValueSummary {
  readonly bytes: number;
  /** Of an `.espdl` file: extremes of the stored integers, and the first of them in ONNX order. */
  readonly integers?: { readonly min: number; readonly max: number; readonly first: readonly number[] };
}

export interface ModelSummary {
  readonly name: string;
  readonly sha256: string;
  readonly irVersion: number;
  readonly opset: number;
  readonly producer: string;
  readonly inputs: readonly ValueSummary[];
  readonly outputs: readonly ValueSummary[];
  /** Nodes of the normalised graph, in topological order. This graph is what is shown and marked. */
  readonly nodes: readonly NodeSummary[];
  /** Operator of the default domain → what it does, in a line. */
  readonly docs: Readonly<Record<string, string>>;
  readonly values: readonly ValueSummary[];
  readonly initializers: readonly InitializerSummary[];
  /** Op type → count in the file as it was opened. */
  readonly opHistogram: Readonly<Record<string, number>>;
  readonly parameterCount: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** Ops of the normalised graph that lack a facet. */
  readonly support: readonly {
    readonly op: string;
    readonly count: number;
    readonly shape: boolean;
    readonly stream: boolean;
    readonly quant: boolean;
  }[];
  readonly findings: readonly Finding[];
  /** Names of files that came with the model and are no external data of it; absent if there are none. */
  readonly unused?: readonly string[];
  /** Whether the file holds integers instead of a float model: only to look at. */
  readonly quantized: boolean;
}

/** Answer of `analyse`: facts of the normalised graph for the chosen axes. */
/** What the warm-up choice is about. */
export interface StartReport {
  /** Operators that would see frames from before the stream. */
  readonly guarded: number;
  /** Without a guard at most this many first frames of an output are wrong; infinite behind a state. */
  readonly wrongFrames: number;
  /** The same as frames of the model's input. */
  readonly wrongInputFrames: number;
}

export interface AnalysisReport {
  readonly axes: readonly AxisCandidates[];
  /** Value → fact, for every value that could be derived. */
  readonly facts: ReadonlyMap<ValueName, StreamFact>;
  readonly refusals: readonly Finding[];
  /** The time axes of which this is told: those chosen, or the ones along which the model comes nearest to streaming. */
  readonly tried: TimeAxes;
  /** What stands in for nodes that cannot stream exactly. */
  readonly approximated: readonly AppliedApproximation[];
  readonly findings: readonly Finding[];
  readonly proposals: readonly CacheProposal[];
  readonly start: StartReport;
  readonly minimalChunk: number;
  readonly defaultFeatures: Readonly<Record<string, FeatureSettings>>;
  /** States that the file itself seems to carry; absent where only the offline graph was asked for. */
  readonly states?: StateProposals;
}

export interface CutReport {
  readonly value: ValueName;
  /** Between module `boundary` and the next; marks may share one. */
  readonly boundary: number;
  /** Every tensor that crosses, with its bytes per run of the module behind. */
  readonly crossing: readonly {
    readonly value: ValueName;
    readonly shape: readonly number[];
    readonly dtype: DType;
    readonly bytes: number;
  }[];
}

export interface ModuleReport {
  readonly name: string;
  readonly file: string;
  readonly period: number;
  readonly startStep: number;
  /** Runs from reset that are left out. */
  readonly gateRuns: number;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly caches: readonly Cache[];
  /** Runs, from reset, for which the module has another graph; 0 if it has none. */
  readonly startRuns: number;
  readonly cost: ModuleCost;
  /** nodeKey() of the offline nodes that this module computes. */
  readonly nodes: readonly string[];
}

/** Which module runs at which schedule step, and what that costs; start steps stand with the modules. */
export type ScheduleReport = Omit<Schedule, "startSteps">;

/** Answer of `convert`. */
export interface StreamingReport {
  readonly chunk: number;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly modules: readonly ModuleReport[];
  readonly cuts: readonly CutReport[];
  readonly schedule: ScheduleReport;
  readonly warmUp: WarmUp;
  readonly flushSteps: number;
  readonly findings: readonly Finding[];
}

export interface ClipSummary {
  readonly file: string;
  readonly sha256: string;
  readonly kind: "audio" | "tensor";
  readonly rateHz: number;
  readonly channels: number;
  readonly durationSeconds: number;
  /** Of the audio as decoded; 0 for tensors. */
  readonly peak: number;
  readonly clippedFraction: number;
  readonly silentFraction: number;
}

/** Picture of one clip: minimum and maximum per column, and a dB spectrogram as bytes. */
export interface ClipPreview {
  readonly columns: number;
  /** 2 per column: min, max in [−1, 1]. */
  readonly envelope: Float32Array;
  readonly spectrogram: {
    readonly frames: number;
    readonly bins: number /** 0 = floor, 255 = 0 dB. */;
    readonly levels: Uint8Array;
  };
  readonly durationSeconds: number;
  /** Frames × bins that the model's input receives, per input name. */
  readonly features: readonly { readonly input: string; readonly shape: readonly number[] }[];
}

export interface CalibrationProgress {
  readonly clip: number;
  readonly clipCount: number;
  readonly file: string;
  /** Frames done in all clips, frames in all clips. */
  readonly framesDone: number;
  readonly framesTotal: number;
  /** Seconds of audio calibrated per second of work; 0 if the rate is unknown. */
  readonly timesRealTime: number;
  readonly etaSeconds: number;
  /** Now and then, what the finished clips gave: whoever keeps it can go on from there in another worker. */
  readonly found?: CalibrationReport;
}

export type CompareProgress =
  | {
      readonly stage: "parity" | "quantization" | "integerParity";
      readonly clip: number;
      readonly clipCount: number;
      readonly file: string;
    }
  | ({ readonly stage: "search" } & SearchProgress);

export interface CalibrationReport {
  readonly statistics: Statistics;
  readonly clips: readonly string[];
  /** True if cancelled after at least one finished clip. */
  readonly partial: boolean;
  readonly frames: number;
}

/** Offline float against streaming float. */
export interface ParityReport extends ParityRecord {
  readonly firstDivergent?: { readonly value: ValueName; readonly node: string };
  readonly original: {
    /** At any length, at its own length only, step by step with its own states, or not comparable. */
    readonly form: "anyLength" | "ownLength" | "rolled" | "none";
    readonly runs: number;
    readonly maxRelative: number;
    /** Why it was not run, if it was not: streaming then equals the normalised graph, of which the file is only the source. */
    readonly why?: NotRun;
  };
}

/** Float against int8, and int8 offline against int8 streaming. */
export type QuantizationReport = QuantizationRecord;

export interface PackageFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly check: "executed" | "loaded" | "well-formed";
}

export interface PackageReport {
  readonly fileName: string;
  readonly files: readonly PackageFile[];
  readonly checks: readonly PackageCheck[];
  readonly verified: boolean;
}

export interface PackageCheck {
  readonly name: string;
  readonly file: string;
  readonly passed: boolean;
  readonly maxAbs: number;
  readonly tolerance: number;
}
