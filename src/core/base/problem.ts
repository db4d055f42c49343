import type { Detail } from "./detail.ts";

/**
 * Everything a user can cause or fix, as one union of records.
 *
 * A problem carries the code, the place and the values; the sentence is made where it is shown
 * (`ui/i18n` in two languages, `cli` in English). Whatever is not a problem is a bug and is thrown as a plain error.
 */
export type Problem =
  // files
  | { code: "file.lfsPointer"; file: string }
  | { code: "file.html"; file: string }
  | { code: "file.gzip"; file: string }
  | { code: "file.empty"; file: string }
  | { code: "file.unknown"; file: string }
  /** A file of another kind stands where a model or a clip is wanted. */
  | { code: "file.foreign"; file: string; kind: ForeignKind }
  /** The browser may not read it any more: it was changed, moved or taken back since it was given. */
  | { code: "file.unreadable"; file: string }
  /** More bytes than one worker can hold; `fileBytes` counts everything that belongs to the file. */
  | { code: "file.tooBig"; file: string; fileBytes: number; limitBytes: number }
  | { code: "file.notFound"; file: string }
  /** A path that is there and cannot be read or written as wanted. */
  | { code: "file.notReadable"; file: string; what: Detail }
  | { code: "file.notWritable"; file: string; what: Detail }
  /** Several models came at once; only one can be open. */
  | { code: "file.oneModel"; opened: string; left: readonly string[] }
  /** Files that came with a model which does not name them as its external data. */
  | { code: "file.unused"; model: string; files: readonly string[] }
  // models
  | { code: "model.malformed"; offset: number; what: Detail; file?: string }
  | { code: "model.externalMissing"; files: readonly string[] }
  | { code: "model.externalRange"; file: string; tensor: string; needBytes: number; haveBytes: number }
  | { code: "model.invalidGraph"; what: Detail; node: string }
  /** A file of integers was given where a float model is needed: it can be looked at and compared, not converted. */
  | { code: "model.quantized"; file: string }
  | { code: "model.notQuantized"; file: string }
  | { code: "quantization.malformed"; file: string; what: Detail }
  /** Only the chip that holds the key can read this model. */
  | { code: "espdl.encrypted"; file: string }
  /** What ESP-DL cannot load, or read the way it stands; `where` is a node, value or tensor. */
  | { code: "espdl.invalid"; where: string; what: Detail }
  | { code: "model.opsetTooNew"; opset: number; newest: number }
  /** No rule is known for this operator; `node` is the first of its places. */
  | { code: "model.opUnknown"; op: string; node: string; count: number }
  /** In the runtime's own words, but where Rill itself runs the file. */
  | { code: "model.runtimeRefused"; what: string | Detail }
  /** The offline model gives NaN for this clip. */
  | { code: "model.notANumber"; value: string; file: string }
  // streaming
  | { code: "stream.axisAmbiguous"; input: string; axes: readonly number[] }
  | { code: "stream.axisUnknown"; input: string }
  | { code: "stream.axisInvalid"; input: string; axis: number; rank: number }
  | { code: "plan.modulesImpossible"; modules: number; most: number }
  | {
      code: "stream.refused";
      node: string;
      op: string;
      axis: number;
      reason: RefusalReason;
      detail?: Detail;
      /** What could stand in, best first, as words: "running", "window:100". Absent if nobody asked. */
      offers?: readonly string[];
    }
  /** An approximation of a plan has nothing to stand in for, or its numbers do not fit there. */
  | { code: "plan.approximationUnused"; node: string; approximation: string }
  | { code: "stream.chunkMultiple"; chunk: number; minimalChunk: number }
  | { code: "stream.notStreaming"; output: string }
  /** An axis that the model leaves free, besides time and the batch, is taken as 1. */
  | { code: "stream.sizeAssumed"; input: string; axis: number; symbol: string }
  | { code: "stream.lengthLimited"; node: string; frames: number }
  /** Measuring the model contradicts what its operators' rules say of a value: a bug of Rill, shown with its place. */
  | {
      code: "stream.probeDisagrees";
      value: string;
      node: string;
      fact: ProbedFact;
      derived: string;
      measured: string;
    }
  /** The model carries its own states: they have to be confirmed before it can be rolled. */
  | { code: "stream.statesOpen"; count: number; states: string }
  /** A model that already streams fixes the frames of a step in its file. */
  | { code: "stream.chunkFixed"; chunk: number; fixed: number }
  /** Two ports that were named as one state cannot be one. */
  | { code: "stream.stateInvalid"; input: string; output: string }
  /** An input or output of one model of a pair has no partner in the other. */
  | { code: "twin.unmatched"; port: string; file: string }
  // plan
  | { code: "plan.malformed"; what: Detail }
  | { code: "plan.otherModel"; expected: string; actual: string }
  | { code: "plan.unknownValue"; value: string; mark: "cache" | "split" | "output" }
  | {
      code: "plan.cutImpossible";
      value: string;
      why: "notStreamed" | "isInput" | "isOutput" | "crossesState";
    }
  /** A removed cache that only delays a value cannot be left out: frames would no longer meet. */
  | { code: "plan.cacheKept"; value: string }
  /** A frozen statistic without numbers: it is measured on clips first. */
  | { code: "plan.unmeasured"; node: string }
  | { code: "plan.unknownNode"; node: string }
  /** A budget for 16 bits where nothing can be chosen. */
  | { code: "plan.budgetUnused"; why: BudgetUnused }
  | { code: "plan.unknownTarget"; target: string; known: readonly string[] }
  /** A model that already streams is not packaged for this target. */
  | { code: "target.carried"; target: string }
  /** A chip computes no masks, and its files do not change after the first runs. */
  | { code: "target.warmUp"; target: string; policy: string }
  /** The target has no kernel for this node as it stands. */
  | { code: "target.noKernel"; node: string; op: string; reason: KernelRefusal }
  // audio and tensors
  | { code: "audio.malformed"; file: string; offset: number; what: Detail }
  | { code: "audio.unsupported"; file: string; what: Detail }
  | { code: "audio.tooShort"; file: string; frames: number; needFrames: number }
  /** Every sample is zero. */
  | { code: "audio.silent"; file: string }
  /** The highest peak is so low that what is measured on the clip says little. */
  | { code: "audio.quiet"; file: string; peakDb: number }
  /** Clips of another rate than the features want are converted. */
  | { code: "audio.resampled"; files: readonly string[]; rateHz: number; needRateHz: number }
  | { code: "features.mismatch"; input: string; needBins: number; haveBins: number }
  | { code: "features.invalid"; key: string; value: string; expected: Detail }
  | { code: "npy.malformed"; file: string; offset: number; what: Detail }
  | { code: "npy.shape"; file: string; shape: readonly number[]; expected: Detail }
  | { code: "data.none" }
  /** A model packaged unconverted takes whole inputs, and this file is no array. */
  | { code: "data.notArray"; file: string }
  /** A model input that does not stream has no source in clips. */
  | { code: "data.staticInput"; input: string }
  // quantization
  | { code: "quant.opUnsupported"; node: string; op: string; target: string }
  | { code: "quant.noStatistics"; value: string }
  /** A value is NaN or infinite where exponents are chosen. */
  | { code: "quant.notFinite"; value: string }
  | { code: "quant.neverMoved"; value: string }
  /** Exponents that cover the calibration are beyond what the chip's shifts and biases can take. */
  | { code: "quant.limitsUnmet" }
  /** What a softmax of 8 bits reads goes beyond 63.5: the chip takes no maximum off, and exponentials above 88 overflow. */
  | { code: "quant.softmaxBeyond"; node: string; value: string }
  /** A limit of the chip asked for a coarser exponent than the data: `value` is what a node makes, or its filter. */
  | {
      code: "quant.exponentRaised";
      node: string;
      value: string;
      reason: RaiseReason;
      from: number;
      to: number;
    }
  // packages
  | { code: "package.malformed"; file: string; what: Detail }
  | { code: "package.checksum"; file: string }
  | { code: "package.mismatch"; file: string; value: string; maxAbs: number; tolerance: number }
  // what runs models
  /** The browser cannot run the runtime: it has no WebAssembly, or none with SIMD. */
  | { code: "runtime.unsupported"; lacks: "WebAssembly" | "SIMD" }
  /** The runtime's own file did not come, or could not be compiled. */
  | { code: "runtime.notLoaded"; what: string }
  // jobs
  | { code: "job.cancelled" }
  | { code: "worker.lost"; reason: string }
  /** A worker stopped by itself; another one does its job again. */
  | { code: "worker.restarted"; job: RestartedJob }
  /** The same of a calibration: its finished clips are kept. */
  | { code: "worker.resumed"; done: number; total: number }
  /** Sizes in bytes, 0 where unknown: what was asked for at last, the job's files, what one worker can hold. */
  | { code: "memory.exhausted"; needBytes: number; fileBytes: number; limitBytes: number }
  // saved sessions
  | { code: "session.otherModel"; session: string; file: string; expected: string; actual: string }
  | { code: "session.otherClip"; file: string }
  | { code: "session.openElsewhere"; session: string }
  | { code: "session.unreadable"; session: string }
  /** Calibration was under way when the page went. */
  | { code: "session.interrupted"; done: number; total: number }
  | { code: "storage.blocked"; reason: string }
  | { code: "storage.full"; needBytes: number; freeBytes: number }
  | { code: "cli.usage"; what: string };

export type ProblemCode = Problem["code"];

/** What a file is that Rill does not open. */
export type ForeignKind =
  | "zip"
  | "text"
  | "tflite"
  | "ort"
  | "pytorch"
  | "keras"
  | "safetensors"
  | "gguf"
  | "image"
  | "pdf"
  // What Rill opens, in another place.
  | "clip"
  | "arrays"
  | "model"
  | "plan";

/** What a worker may have been doing when it stopped. */
export type RestartedJob =
  | "open"
  | "layout"
  | "analyse"
  | "convert"
  | "splitAdvice"
  | "inspectClips"
  | "previewClip"
  | "waveform"
  | "inspectTensor"
  | "fitRange"
  | "calibrate"
  | "compare"
  | "fitChips"
  | "weighChip"
  | "compareNumbers"
  | "examineChip"
  | "compareTwin"
  | "listen"
  | "prove"
  | "exportPackage";

/** Why an operator cannot stream exactly along an axis. Each reason has a sentence and, later, its remedies. */
/** Why a node cannot run on an integer target. */
export type KernelRefusal =
  | "noKernel" // the runtime has no such operator
  | "attribute" // it has one, but not with these attributes
  | "dynamicOperand" // a filter or bound that is not constant
  | "rank" // more or fewer axes than its kernel takes
  | "groups" // a convolution in groups that is not depthwise
  | "dilatedPool"
  | "excludedPadding" // an average that leaves padding out of its count
  | "exponentsDiffer" // integers that move as they are would need another exponent
  | "exponentsForced" // the same, because the compatible mode keeps ESP-PPQ's
  | "width16" // it has one for 8 bits only
  | "channelSlopes" // the runtime's own PRelu, whose rounding differs from chip to chip
  | "resetAfter" // a GRU that resets the state before its matrix product
  | "reversed" // a recurrence that runs backwards only
  | "batch" // a recurrence over several sequences at once
  | "differs" // its kernel computes something else than ONNX for these attributes
  | "shiftRange" // a shift by more places than the runtime's integers have
  | "floatKernel"; // there is no float kernel for a node that stays in float

export type RefusalReason =
  | "unknownOp" // no streaming rule for this operator
  | "timeContracted" // a matrix product sums over time
  | "fullAttention" // attention without a mask: every frame reads every other
  | "unboundedContext" // attention to all frames before: no limit on the left
  | "maskIrregular" // an attention mask that is no fixed band around the frame
  | "timeReduced" // a reduction, norm or softmax spans the whole time axis
  | "timeReversed" // a reverse or bidirectional recurrence
  | "timeMerged" // a reshape merges time with another axis
  | "timeIndexed" // indices select arbitrary frames
  | "timeJoined" // two streams are concatenated along time
  | "loopNotOverTime" // a loop that does not step through the frames of what it reads
  | "timeVaryingConstant" // a constant operand differs from frame to frame
  | "ratesDiffer" // inputs run at different rates
  | "axesDiffer" // inputs carry time on different axes
  | "maskNeeded" // start-up junk would enter a padded window
  | "autoPadStrided" // SAME padding depends on the length
  | "paddingMode" // reflect or edge padding
  | "dataDependent" // shapes depend on values
  | "stateful" // recurrent operator: not covered yet
  | "shapeUnknown" // shape inference could not resolve the operand
  | "perStepMixed"; // a per-step value meets a stream

/** Why an exponent was raised. */
export type RaiseReason =
  | "negativeShift" // the product of the inputs is coarser than the output
  | "biasRange" // the bias would not fit its width
  | "sumRange" // sums of products could pass the accumulator
  | "hugeShift" // the shift would pass the width of the sum
  | "exponentRange"; // the runtime computes scales with exponents of at least −30

/** Why no node can be given 16 bits by a search. */
export type BudgetUnused =
  | "bits16" // everything is 16 bits wide already
  | "target" // its integers have one width
  | "compatible"; // another tool's numbers are reproduced, and it makes no such choice

/** What probing measures of a value. */
export type ProbedFact = "static" | "axis" | "rate" | "length" | "delay" | "past" | "future";

/** Something worth knowing that did not stop the job. */
export interface Finding {
  readonly severity: "error" | "warning" | "info";
  readonly problem: Problem;
}

/** The only error that crosses layers on purpose. */
export class StudioError extends Error {
  readonly problem: Problem;
  constructor(problem: Problem) {
    super(problem.code);
    this.name = "StudioError";
    this.problem = problem;
  }
}

/** Throws `StudioError(problem)`; typed `never` so that it can stand in an expression. */
export function fail(problem: Problem): never {
  throw new StudioError(problem);
}
