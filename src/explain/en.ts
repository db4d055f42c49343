import type { ExplainCatalogue } from "./catalogue.ts";
import { detailsEn } from "./details-en.ts";
import { filesEn, foreignEn } from "./file-texts.ts";
import { jobsEn, sessionEn } from "./session-texts.ts";

export const en: ExplainCatalogue = {
  problems: {
    ...filesEn,
    "model.malformed": {
      what: "{model} is damaged at byte {offset}: {what}.",
      advice: "It was probably cut short; compare its size with the original.",
    },
    "model.externalMissing": {
      what: "The model keeps weights in other files that were not given: {files}.",
      advice: "Drop them too, together or afterwards.",
    },
    "model.externalRange": {
      what: "“{file}” is too short for tensor {tensor}: {needBytes} bytes are needed, {haveBytes} are there.",
      advice: "Use the weight file that was saved together with this model.",
    },
    "model.invalidGraph": {
      what: "The graph breaks a rule of ONNX at {node}: {what}.",
      advice: "Export the model again, or run onnx.checker on it.",
    },
    "model.quantized": {
      what: "“{file}” is quantized already; streaming, calibration and export start from a float model.",
      advice: "Open the ONNX model it was made from. This file can be looked at, inspected and compared.",
    },
    "model.notQuantized": {
      what: "“{file}” is a float model: there are no integers to compare.",
      advice: "Give an .espdl file or an ONNX model in QDQ form.",
    },
    "quantization.malformed": {
      what: "“{file}” is no quantization record of ESP-PPQ: {what}.",
      advice: "Give the .json that was written beside the .espdl file.",
    },
    "espdl.encrypted": {
      what: "“{file}” is encrypted; only a chip with its key can read it.",
      advice: "Open the file that was exported without encryption.",
    },
    "espdl.invalid": {
      what: "ESP-DL cannot use this model because of {where}: {what}.",
      advice: "Export the model again with a current version of its tool.",
    },
    "model.opsetTooNew": {
      what: "The model uses opset {opset}; the newest that Rill knows is {newest}.",
      advice: "Export it with opset {newest} or lower.",
    },
    "model.opUnknown": {
      what: "Rill has no rules for {op} (number of places: {count}, the first at {node}): shapes behind it are open, and it neither streams nor is quantized.",
      advice:
        "It can be looked at. For the rest, export the model with other operators in its place. Search “op:” with its name to see every place.",
    },
    "model.runtimeRefused": {
      what: "ONNX Runtime does not run the model: {what}.",
      advice: "The same model fails wherever this runtime is used; check the operator that it names.",
    },
    "model.notANumber": {
      what: "The model itself gives NaN at output {value} for “{file}”, so nothing can be proved there.",
      advice: "Use clips that the model is made for, or mend the operator that leaves the numbers.",
    },
    "stream.axisAmbiguous": {
      what: "Input {input} could stream along more than one axis: {axes}.",
      advice: "Choose the time axis.",
    },
    "stream.axisUnknown": {
      what: "No axis of input {input} can stream.",
      advice: "Choose the time axis to see why.",
    },
    "stream.axisInvalid": {
      what: "Input {input} has {rank} axes; there is no axis {axis}.",
      advice: "Choose an axis from 0 to {lastAxis}.",
    },
    "stream.refused": {
      what: "{op} at {node} cannot stream exactly along axis {axis}: {reason}{detail}.",
      advice: "{advice}.",
    },
    "plan.approximationUnused": {
      what: "The approximation {approximation} at {node} is not used: nothing is refused there, or its numbers do not fit.",
      advice: "Remove it.",
    },
    "stream.chunkMultiple": {
      what: "A chunk of {chunk} frames is not possible: this model needs a multiple of {minimalChunk}.",
      advice:
        "Choose a multiple of {minimalChunk}, or split the model before its strides: slow modules may wait for several chunks.",
    },
    "stream.notStreaming": {
      what: "Output {output} does not depend on time.",
      advice: "Check the time axis of the inputs.",
    },
    "stream.sizeAssumed": {
      what: "The model leaves the size {symbol} on axis {axis} of input {input} open; Rill takes 1.",
      advice: "If another size is meant, export the model with that number.",
    },
    "stream.probeDisagrees": {
      what: "Rill derived {fact} of {value}, made at {node}, as {derived}, but running the model shows {measured}.",
      advice: "Do not rely on the conversion of this model, and report this.",
    },
    "stream.statesOpen": {
      what: "This model already streams: {count} of its ports are states ({states}).",
      advice:
        "Confirm them (step Time axis, or --states auto, or --states IN=OUT,…), or say that it has none (--states none).",
    },
    "stream.chunkFixed": {
      what: "This model's file fixes {fixed} frames per step; {chunk} are not possible.",
      advice: "Set the chunk to {fixed}.",
    },
    "stream.stateInvalid": {
      what: "{input} and {output} cannot be one state: a state is an input and an output of one type and shape.",
      advice: "Choose an input and an output of equal type and shape.",
    },
    "twin.unmatched": {
      what: "“{port}” has no counterpart in “{file}”.",
      advice: "Compare models of the same network; ports are matched by name, else by order and shape.",
    },
    "plan.malformed": {
      what: "The plan cannot be read: {what}.",
      advice: "Use a .rill.json file that Rill saved.",
    },
    "plan.otherModel": {
      what: "The plan was made for another model (SHA-256 {expected}, this one is {actual}).",
      advice: "Open the model that the plan belongs to.",
    },
    "plan.unknownValue": {
      what: "The plan marks {value} as a {mark}, but the model has no such value.",
      advice: "Remove the mark.",
    },
    "plan.unknownNode": {
      what: "The plan gives {node} a width of its own, but the chip's form of the model has no such node.",
      advice:
        "Give the name of a node or of its output; a node that is fused into another takes that one's width.",
    },
    "plan.budgetUnused": {
      what: "A budget for 16 bits has no use here: {why}.",
      advice: "Leave the budget out, or choose a chip that runs ESP-DL, 8 bits and Rill’s own numbers.",
    },
    "plan.cutImpossible": {
      what: "The model cannot be split at {value}: {why}.",
      advice: "Mark another value.",
    },
    "plan.modulesImpossible": {
      what: "The model cannot be split into {modules} modules at this chunk: there are places for {most}.",
      advice: "Ask for fewer modules, or mark the split points yourself.",
    },
    "stream.lengthLimited": {
      what: "{node} reads a table that ends: streaming equals offline for {frames} input frames from reset, behind them the table's last entry stays.",
      advice: "Reset the states before {frames} frames have passed, or export the model with a longer table.",
    },
    "plan.cacheKept": {
      what: "The cache of {value} is kept although it was removed: it delays the value so that frames meet at a join.",
      advice: "Nothing has to be done.",
    },
    "plan.unmeasured": {
      what: "The statistics at {node} are to be frozen but were not measured.",
      advice:
        "Give clips: the statistics of the unconverted model on them are what is frozen (--data FILE|DIR).",
    },
    "plan.unknownTarget": {
      what: "The target {target} is not known.",
      advice: "Choose one of: {known}.",
    },
    "target.carried": {
      what: "{target} takes models that Rill converts; this one already carries its own states.",
      advice: "Open the offline form of the model, or choose another target.",
    },
    "target.warmUp": {
      what: "{target} cannot start a stream by the policy “{policy}”: its runtime has no masks and no second graph.",
      advice: "Choose the warm-up “hold”, which is as exact.",
    },
    "target.noKernel": {
      what: "The chip's runtime cannot compute {op} at {node}: {reason}.",
      advice: "Replace the operator in the model, keep the node on the host, or choose another target.",
    },
    "audio.malformed": {
      what: "“{file}” is damaged at byte {offset}: its {what} is missing or wrong.",
      advice: "Save it again as WAV.",
    },
    "audio.unsupported": {
      what: "“{file}” holds audio that Rill does not read: {what}.",
      advice: "Convert it to WAV with 8, 16, 24 or 32 bits, or float.",
    },
    "audio.tooShort": {
      what: "“{file}” gives {frames} frames; the model needs at least {needFrames}.",
      advice: "Use a longer clip.",
    },
    "features.mismatch": {
      what: "Input {input} expects {needBins} values per frame; its features give {haveBins}.",
      advice: "Change the feature settings of this input.",
    },
    "features.invalid": {
      what: "The feature setting {key} cannot be {value}.",
      advice: "Expected: {expected}.",
    },
    "npy.malformed": {
      what: "“{file}” is damaged at byte {offset}: {what}.",
      advice: "Save it again with numpy.save.",
    },
    "npy.shape": {
      what: "“{file}” has shape {shape}.",
      advice: "Expected: {expected}.",
    },
    "data.staticInput": {
      what: "Input {input} does not stream, and clips have no values for it.",
      advice:
        "Give it a fixed value (step Time axis, or --fix), make it a constant of the model, or choose its time axis.",
    },
    "data.notArray": {
      what: "“{file}” is no .npy file, and a model that stays unconverted takes whole inputs.",
      advice: "Save its inputs with numpy.save; one more axis in front holds several samples.",
    },
    "data.none": { what: "There is no clip to work with.", advice: "Add a WAV or .npy file." },
    "quant.opUnsupported": {
      what: "{op} at {node} has no quantized form for the target {target}.",
      advice: "Keep the node in float.",
    },
    "quant.noStatistics": {
      what: "Value {value} was not seen in the calibration.",
      advice: "Calibrate again.",
    },
    "quant.notFinite": {
      what: "Value {value} is NaN or infinite: no exponent of integers holds that.",
      advice:
        "Mend the operator that makes it, such as a division by zero, or calibrate with data that it can take.",
    },
    "quant.limitsUnmet": {
      what: "No exponents suit both the calibration and the chip: its shifts or biases cannot take values of this size.",
      advice: "Check the scale of the data; values far beyond those of training are the usual cause.",
    },
    "quant.softmaxBeyond": {
      what: "The softmax {node} reads {value}, which goes beyond 63.5 in the calibration: at 8 bits the chip's exponentials overflow there.",
      advice: "Give this node 16 bits, or subtract the maximum before the softmax in the model.",
    },
    "quant.neverMoved": {
      what: "Value {value} was zero in every frame of the calibration.",
      advice: "Calibrate with data that reaches this part of the model.",
    },
    "quant.exponentRaised": {
      what: "Node {node}: the exponent of {value} was raised from {from} to {to}, because {reason}.",
      advice: "Nothing to do; 16 bits at this node would be finer.",
    },
    "package.malformed": { what: "The package is broken at {file}: {what}.", advice: "Export it again." },
    "package.checksum": {
      what: "“{file}” is not the file that the package was made with.",
      advice: "Get the package again.",
    },
    "package.mismatch": {
      what: "“{file}”, run again, differs at {value} by {maxAbs}; {tolerance} is allowed.",
      advice: "The package is not offered for download. Please report this.",
    },
    "job.cancelled": { what: "Cancelled." },
    "worker.lost": {
      what: "The worker stopped: {reason}.",
      advice: "Nothing is lost on the page; start the step again.",
    },
    ...sessionEn,
    "cli.usage": { what: "{what}.", advice: "Run “rill help”." },
  },
  details: detailsEn,
  bracketed: " ({detail})",
  top: "the top level",
  frames: "frames",
  samples: "samples",
  losses: {
    ended: "it ended without a word",
    memory: "its memory ran out",
    message: "its answer could not be read",
    error: "it failed",
  },
  refusals: {
    unknownOp: "there is no streaming rule for this operator",
    timeContracted: "a matrix product sums over time",
    fullAttention:
      "every frame attends to all others, later ones included; it streams with a limited context",
    unboundedContext: "every frame attends to all before it; it streams with a limited left context",
    maskIrregular: "its attention mask is no fixed band around the frame",
    timeReduced: "it needs all frames at once (reduction, normalisation or softmax over time)",
    timeReversed: "it reads time backwards",
    timeMerged: "a reshape merges time with another axis",
    timeIndexed: "it picks arbitrary frames",
    timeJoined: "two streams are joined one after the other in time",
    loopNotOverTime: "the loop does not take one frame after the other",
    timeVaryingConstant: "a constant operand differs from frame to frame",
    ratesDiffer: "its inputs run at different rates",
    axesDiffer: "its inputs carry time on different axes",
    maskNeeded: "frames from before the start would enter a padded window",
    autoPadStrided: "its SAME padding depends on the length",
    paddingMode: "it pads by reflection or by the edge value",
    dataDependent: "its shape depends on values",
    stateful: "recurrent operators are not covered yet",
    shapeUnknown: "the shape of an operand is not known",
    perStepMixed: "a value that exists once per step meets a stream",
  },
  remedies: {
    unknownOp: "Leave this operator out of the part that streams, or export the model without it",
    timeContracted:
      "Choose another time axis, or replace the product over all frames by a convolution of fixed length",
    timeReduced:
      "Let a running or windowed statistic stand in for it, or train with statistics of fixed frames",
    timeReversed:
      "Use the forward direction only, or let chunks be reversed one by one, which is approximate",
    timeMerged:
      "Keep time on an axis of its own in this reshape; if the target holds a fixed length, export the model with a free one",
    timeIndexed:
      "Index from the start by a constant, or from the end for the last frames; a loop unrolled for one length must be exported as a loop",
    timeJoined: "Join the streams along another axis, or one of them must be a constant prefix",
    loopNotOverTime: "Loop once per frame and use the counter only to pick the frame",
    timeVaryingConstant: "Use a constant of one frame, or compute it from the position",
    ratesDiffer: "Bring both inputs to one rate before they meet, by a resize or a stride",
    axesDiffer: "Transpose one of the inputs so that time stands on the same axis",
    maskNeeded: "Move the padding in front of the model, or cut the padded frames off",
    autoPadStrided: "Give the paddings as numbers",
    paddingMode: "Pad with a constant",
    dataDependent: "Give the operand as a constant, so that every step has the same shape",
    stateful: "Replace the operator by one whose state Rill knows",
    shapeUnknown: "Export the model with shapes, or simplify it first",
    perStepMixed: "Read the last frame behind the place where both meet",
    fullAttention:
      "Train or export with a mask of a fixed band: a number of frames before, and after, that a frame may look at; or accept attention to the last frames, labelled approximate",
    maskIrregular:
      "Give the mask as a band along the diagonal, the same for every frame or every chunk of frames",
    unboundedContext:
      "Limit how far back the mask lets a frame look and export again, or accept attention to the last frames, labelled approximate",
  },
  approximations: {
    running: "statistics of all frames so far",
    window: "statistics of the last {0} frames",
    ema: "statistics that forget half in {0} frames",
    frozen: "statistics measured on clips",
    continuous: "continuous: the newest frames of streamed features",
    windowExact: "window-exact: the whole model on the last {0} input frames at every step",
    leftContext: "attention to the last {0} frames",
    zeroPad: "zeros in place of the padding",
    chunkedBackward: "the backward direction in blocks of {0} frames, looking {1} frames ahead",
  },
  offered: "What can stand in, labelled approximate: {list}.",
  kernels: {
    noKernel: "it has no such operator",
    attribute: "it has the operator, but not with these attributes",
    dynamicOperand: "a filter, slope, bound or single divisor is computed instead of constant",
    rank: "its kernel takes fewer axes, or more",
    groups: "its convolutions are either dense or depthwise, not in other groups",
    dilatedPool: "its pools have no dilation",
    excludedPadding: "its averages always count the padding, this one leaves it out",
    exponentsDiffer: "input and output would need different exponents, but the integers move as they are",
    exponentsForced:
      "ESP-PPQ gives input and output different exponents, but the integers move as they are: its own file would be wrong there. " +
      "Without the compatible mode the exponents are tied",
    width16: "it has this operator for 8 bits only",
    channelSlopes: "its own PRelu for slopes per channel and 16 bits rounds differently from chip to chip",
    resetAfter: "its GRU resets the state after the matrix product (linear_before_reset = 1) only",
    reversed: "its recurrences run forwards or in both directions, not backwards alone",
    batch: "its recurrences take one sequence at a time",
    differs: "its kernel puts the elements in another order than ONNX does",
    shiftRange:
      "it would shift by more places than its integers have: the numbers here are too small, or their scales too far apart",
    floatKernel: "it has no float kernel for this operator, and the node stays in float",
  },
  budgets: {
    bits16: "everything is 16 bits wide already",
    target: "the integers of this target have one width",
    compatible: "the numbers of another tool are reproduced, and it makes no such choice",
  },
  raises: {
    negativeShift: "the product of the inputs is coarser still",
    biasRange: "its bias would not fit the chip’s width",
    sumRange: "its sums could pass the chip’s accumulator",
    hugeShift: "the sum would be shifted away",
    exponentRange: "the runtime knows no smaller scale",
  },
  cuts: {
    notStreamed: "it does not depend on time",
    isInput: "it is an input of the model",
    isOutput: "it is an output of the model",
    crossesState: "the cut would divide a state from its operator",
  },
  foreign: foreignEn,
  jobs: jobsEn,
  marks: { cache: "cache", split: "split point", output: "output" },
  probed: {
    static: "independence from time",
    axis: "the time axis",
    rate: "the frame rate",
    length: "the number of frames",
    delay: "the delay",
    past: "the past that is read",
    future: "the look-ahead",
  },
  separator: ", ",
  gap: " ",
  model: "The model",
  unknownSize: "an unknown size",
  nothing: "none",
};
