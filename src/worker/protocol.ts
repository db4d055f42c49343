import type { Problem } from "../core/base/problem.ts";
import type { Layout, LayoutInput, LayoutOptions } from "../core/layout/layout.ts";
import type { Approximations } from "../core/plan/approximation.ts";
import type { Plan } from "../core/plan/plan.ts";
import type { ProofReport } from "../core/proof/proof.ts";
import type { QuantizedComparison } from "../core/quant/compare-quantized.ts";
import type { GridFit } from "../core/quant/grid-fit.ts";
import type { CalibrationMethod, QuantParams } from "../core/quant/scheme.ts";
import type { Statistic, Statistics } from "../core/quant/statistic.ts";
import type { CacheProposal } from "../core/stream/module.ts";
import type { TwinReport } from "../engine/compare-twin.ts";
import type { ChipReport } from "../engine/esp/examine-chip.ts";
import type { ChipFit, ChipSettings } from "../engine/esp/fit-chip.ts";
import type { SearchPart } from "../engine/esp/place/search-progress.ts";
import type { TensorReport } from "../engine/inspect-tensor.ts";
import type { AudibleOutput, SoundForm } from "../engine/listen/audible-outputs.ts";
import type { Listening } from "../engine/listen/listen.ts";
import type { Job } from "../engine/ports.ts";
import type {
  AnalysisReport,
  CalibrationProgress,
  CalibrationReport,
  ClipPreview,
  ClipSummary,
  ModelSummary,
  PackageReport,
  ParityReport,
  QuantizationReport,
  StreamingReport,
} from "../engine/reports.ts";
import type { SplitAdvice } from "../engine/split-advice.ts";
import type { WeightQuestion } from "../engine/weight-grid.ts";
import type { Piece } from "./pieces.ts";

/** A file as the page holds it: a handle that may be sent again to a new worker, not a copy of bytes. */
export interface NamedBlob {
  readonly name: string;
  readonly blob: Blob;
}

/**
 * The model as files: the `.onnx` and its external data. With `sha256` (known once opened) a worker that has
 * the model of this opening already skips reading; a new worker opens it again from the files.
 */
export interface ModelSource {
  readonly files: readonly NamedBlob[];
  readonly sha256?: string;
  /** Which opening of the page it is: the hash is of the `.onnx` alone, which may come again with other weights. */
  readonly opening?: number;
}

export interface StageProgress {
  readonly stage:
    | "read"
    | "open"
    | "parity"
    | "quantization"
    | "integerParity"
    | "search"
    | "prove"
    | "examine"
    | "pack"
    | "verify";
  readonly done: number;
  readonly total: number;
  readonly what?: string;
  /** What a search is at. */
  readonly part?: SearchPart;
  /** Of all stages of the job, estimated; never falls. Else `done` of `total` is all that is known. */
  readonly portion?: number;
}

/** Answer of `convert`, with the caches that the model needs at this chunk, whatever was marked. */
export interface Conversion extends StreamingReport {
  readonly proposals: readonly CacheProposal[];
}

/** Answer of `compare`. */
export interface Comparison {
  readonly parity: ParityReport;
  readonly quantization: QuantizationReport;
}

/** Waveform of several clips one after the other, as comparisons run them: sorted by file, stretched by frames. */
export interface Waveform {
  /** 2 per column: min, max in [−1, 1]. */
  readonly envelope: Float32Array<ArrayBuffer>;
  /** Frame of the whole at which each clip starts. */
  readonly starts: readonly { readonly file: string; readonly frame: number }[];
}

/** What integers make of one statistic. Least squares takes its time, so the page does not. */
export interface RangeQuestion {
  readonly statistic: Statistic;
  readonly target: string;
  /** Of the value's activations. */
  readonly bits: 8 | 16;
  readonly method: CalibrationMethod;
  /** How the model has the value, where that is known. */
  readonly params?: QuantParams | undefined;
}

/** A scale with what it makes of the distribution. */
export interface RangeChoice extends GridFit {
  readonly dtype: QuantParams["dtype"];
  readonly zeroPoint: number;
  /** Of a chip: the step is 2^exponent. */
  readonly exponent?: number;
  /** Methods that choose it for the value alone. */
  readonly methods: readonly CalibrationMethod[];
}

export interface RangeReport {
  /** What the method chooses for the value alone. */
  readonly alone: RangeChoice;
  /** What the model has: values that meet share a scale. */
  readonly placed?: RangeChoice;
  /** The exponents nearby, largest first; of other targets what every method chooses. */
  readonly choices: readonly RangeChoice[];
}

/** Answer of `exportPackage`: the zip's bytes are transferred; absent when a check failed. */
export interface PackageResult {
  readonly report: PackageReport;
  readonly zip?: Uint8Array<ArrayBuffer>;
}

/** Every job of the worker: what goes in, what comes out, what it tells meanwhile. */
export interface Jobs {
  /** `beside`: the model that the worker has open stays. */
  open: { in: { model: ModelSource; beside?: boolean }; out: ModelSummary; progress: StageProgress };
  layout: { in: LayoutInput & { options: LayoutOptions }; out: Layout; progress: never };
  analyse: {
    in: {
      model: ModelSource;
      axes?: Readonly<Record<string, number>>;
      approximations?: Approximations;
      rates?: Plan["rates"];
      /** Of a model that carries its own states. */
      roll?: Pick<Plan, "states" | "fixed" | "chunk">;
    };
    out: AnalysisReport;
    progress: StageProgress;
  };
  convert: { in: { model: ModelSource; plan: Plan }; out: Conversion; progress: StageProgress };
  splitAdvice: {
    in: { model: ModelSource; plan: Plan };
    out: SplitAdvice;
    progress: never;
  };
  inspectClips: {
    in: { clips: readonly NamedBlob[] };
    out: readonly ClipInspection[];
    progress: StageProgress;
  };
  previewClip: { in: { model: ModelSource; plan: Plan; clip: NamedBlob }; out: ClipPreview; progress: never };
  waveform: {
    in: { model: ModelSource; plan: Plan; clips: readonly NamedBlob[] };
    out: Waveform;
    progress: StageProgress;
  };
  inspectTensor: {
    in: { model: ModelSource; name: string } & Partial<WeightQuestion>;
    /** `npy` is transferred. */
    out: { readonly report?: TensorReport };
    progress: never;
  };
  fitRange: { in: RangeQuestion; out: RangeReport; progress: never };
  calibrate: {
    /** `before`: what an earlier run over the first of these clips had found. */
    in: { model: ModelSource; plan: Plan; clips: readonly NamedBlob[]; before?: CalibrationReport };
    out: CalibrationReport;
    progress: CalibrationProgress;
  };
  compare: { in: Evaluation; out: Comparison; progress: StageProgress };
  /** Of every chip, whatever the plan's target is. */
  fitChips: { in: { model: ModelSource; plan: Plan }; out: readonly ChipFit[]; progress: never };
  /** The plan's chip under several settings, one after the other: what each of them would take. */
  weighChip: {
    in: { model: ModelSource; plan: Plan; choices: readonly ChipSettings[] };
    out: readonly ChipFit[];
    progress: never;
  };
  /** Two files of integers, `.espdl` or QDQ, number by number. */
  compareNumbers: {
    in: { model: ModelSource; other: ModelSource };
    out: QuantizedComparison;
    progress: StageProgress;
  };
  examineChip: { in: Evaluation; out: ChipReport; progress: StageProgress };
  compareTwin: {
    in: { model: ModelSource; plan: Plan; twin: ModelSource; clips: readonly NamedBlob[] };
    out: TwinReport;
    progress: StageProgress;
  };
  listen: { in: ListenQuestion; out: ListenAnswer; progress: StageProgress };
  prove: { in: { model: ModelSource; plan: Plan }; out: ProofReport; progress: StageProgress };
  exportPackage: { in: Evaluation; out: PackageResult; progress: StageProgress };
}

/** What compare and export need. */
export interface Evaluation {
  readonly model: ModelSource;
  readonly plan: Plan;
  readonly statistics: Statistics;
  readonly clips: readonly NamedBlob[];
}

/** Which clip is to be heard, through which output, taken for what; absent: the likeliest. */
export interface ListenQuestion extends Evaluation {
  readonly clip: string;
  readonly output?: string | undefined;
  readonly form?: SoundForm | undefined;
}

/** Outputs that can be heard, and one of them rendered, its tracks transferred; neither for a model without sound. */
export interface ListenAnswer {
  readonly audible: readonly AudibleOutput[];
  readonly listening?: Listening;
}

/** One clip's facts, or why it cannot be used; a bad clip does not stop the others. */
export type ClipInspection =
  | { readonly file: string; readonly summary: ClipSummary }
  | { readonly file: string; readonly problem: Problem };

export type JobKind = keyof Jobs;
export type JobInput<K extends JobKind> = Jobs[K]["in"];
export type JobOutput<K extends JobKind> = Jobs[K]["out"];
export type JobProgress<K extends JobKind> = Jobs[K]["progress"];

/** What a handler may do besides its work. */
export interface WorkerJob<Progress> extends Job<Progress> {
  /** Marks the view's buffer for transfer with the answer, and gives the view back. */
  move<View extends ArrayBufferView>(view: View): View;
}

export type Handlers = {
  readonly [K in JobKind]: (
    input: JobInput<K>,
    job: WorkerJob<JobProgress<K>>,
  ) => JobOutput<K> | Promise<JobOutput<K>>;
};

/** An exception as it crosses the thread boundary: a problem survives as itself, a bug as its text. */
export type Failure =
  | { readonly problem: Problem }
  | { readonly bug: { readonly name: string; readonly message: string; readonly stack: string } };

export type ToWorker =
  | { readonly type: "start"; readonly id: number; readonly kind: JobKind; readonly input: unknown }
  | { readonly type: "cancel"; readonly id: number };

export type ToPage =
  | { readonly type: "progress"; readonly id: number; readonly progress: unknown }
  /** The worker holds this lock for as long as it lives. */
  | { readonly type: "alive"; readonly lock: string }
  /** Of the answer that "done" completes. */
  | { readonly type: "piece"; readonly id: number; readonly piece: Piece }
  | { readonly type: "done"; readonly id: number; readonly output: unknown }
  | { readonly type: "failed"; readonly id: number; readonly failure: Failure };

/** One end of a message pipe: a Worker, a worker's global scope or a MessagePort. */
export interface Endpoint {
  postMessage(message: unknown, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent) => void) | null;
}
