import type { Detail } from "../base/detail.ts";
import type { RefusalReason } from "../base/problem.ts";
import type { Rational } from "../base/rational.ts";
import type { AttributeReader } from "../ir/attributes.ts";
import type { Attribute, Node, Shape, ValueName } from "../ir/graph.ts";
import type { DType, Tensor } from "../ir/tensor.ts";
import type { QuantRule } from "../quant/rule.ts";

/** What shape inference and the stream rules may ask about one input of a node. */
export interface OperandInfo {
  readonly dtype?: DType;
  /** Absent: rank unknown. */
  readonly shape?: Shape;
  /** Value, when it is constant (initializer or folded). */
  readonly constant?: Tensor;
  /** Integer vector known element by element, symbolic elements by name: the outcome of Shape/Gather/Concat chains. */
  readonly symbolic?: Shape;
}

/** An absent optional input is `undefined`. */
export type Operands = readonly (OperandInfo | undefined)[];

/** What a subgraph of the node (by attribute) gives for these inputs. */
export type BodyOf = (attribute: string, inputs: Operands) => readonly OperandInfo[];

export interface Inferred {
  readonly dtype?: DType;
  readonly shape?: Shape;
  readonly symbolic?: Shape;
}

/**
 * How an operator treats a stream (reference: the transfer table). Drivers turn the answer into caches; the inspector
 * turns it into a sentence; a test reads both.
 */
export type StreamRule =
  /** Frame by frame, time unmoved in a NumPy-broadcast sense: each output frame reads the same frame of each input. */
  | { readonly kind: "pointwise" }
  /** Frame by frame; time moves to `axis` of every output, or to `axes` output by output. */
  | {
      readonly kind: "perFrame";
      readonly axis: number;
      readonly axes?: readonly number[];
      readonly rewrite?: LengthRewrite;
    }
  /** A window slides over input 0 (Conv, pools). `axis` is the output's time axis. */
  | {
      readonly kind: "window";
      readonly axis: number;
      /** Effective kernel dilation·(k−1)+1. */
      readonly kernel: number;
      readonly stride: number;
      /** Pads of the offline op on the time axis. */
      readonly padStart: number;
      readonly padEnd: number;
      /** What stands in for the padding: 0 for Conv and AveragePool, "lowest" for MaxPool. */
      readonly padValue: number | "lowest";
      /** The node's attributes with the time pads removed. */
      readonly attributes: Readonly<Record<string, Attribute>>;
      /** Constant inputs that place the window in the whole signal, as they are in a chunk. */
      readonly constants?: ReadonlyMap<number, Tensor>;
      /** Means over what a window holds: present if windows at the ends hold less than others (AveragePool). */
      readonly counted?: CountedWindow;
    }
  /** Every frame of input 0 is spread over a window of output frames, and windows add up (ConvTranspose). */
  | {
      readonly kind: "overlap";
      /** The output's time axis. */
      readonly axis: number;
      /** Effective kernel dilation·(k−1)+1. */
      readonly kernel: number;
      readonly stride: number;
      /** Frames that the offline op crops at both ends, and appends behind the last window. */
      readonly padStart: number;
      readonly padEnd: number;
      readonly outputPadding: number;
      /** The node's attributes for a chunk behind `overlapHistory` earlier frames: stride frames per frame of it. */
      readonly attributes: Readonly<Record<string, Attribute>>;
      /** The node's attributes for a chunk alone, with nothing cropped: kernel − stride frames more than it finishes. */
      readonly openAttributes: Readonly<Record<string, Attribute>>;
    }
  /** Time axis regrouped by `factor` (frames out per frame in); needs chunk alignment. */
  | {
      readonly kind: "regroup";
      readonly axis: number;
      readonly factor: Rational;
      readonly rewrite?: LengthRewrite;
    }
  /**
   * Drops the first `start` frames; output frame t is input frame t+start. The node itself disappears. `trimmed`: frames
   * that a fixed index leaves out at the end, which must be no more than what operators before have appended there.
   */
  | { readonly kind: "crop"; readonly start: number; readonly trimmed?: number }
  /** Adds `before` constant frames in front (Pad, or Concat of a constant prefix with the stream). */
  | { readonly kind: "extend"; readonly before: number; readonly after: number; readonly value: number }
  /** Adds frames of the stream itself at its ends: the first and the last again, or those beside them mirrored. */
  | {
      readonly kind: "mirror";
      readonly mode: "edge" | "reflect";
      readonly before: number;
      readonly after: number;
    }
  /** `factor` frames for each, on straight lines between neighbours; at the ends the first and the last are repeated. */
  | {
      readonly kind: "interpolate";
      readonly axis: number;
      readonly factor: number;
      /** Where the first of the new frames lies: half a new frame behind the old one's beginning, or on it. */
      readonly placed: "halfPixel" | "asymmetric";
      readonly rewrite?: LengthRewrite;
    }
  /**
   * Runs over the frames in order and hands values on (LSTM, GRU, RNN): cut into chunks, it computes the same if every
   * state that a chunk leaves is given to the next.
   */
  | {
      readonly kind: "recurrent";
      /** Per output: the time axis of a sequence, or "state" for what is there after the last frame. */
      readonly outputs: readonly (number | "state")[];
      readonly states: readonly RecurrentState[];
      /** Inputs that only tell the length of the whole sequence: left out. */
      readonly dropped: readonly number[];
    }
  /** The sum of all frames so far; `exclusive`: but for the frame itself. */
  | { readonly kind: "accumulate"; readonly exclusive: boolean }
  /**
   * The last `frames` frames at the end of each step: from here on values exist once per step. `single`: without the axis;
   * `newest`: of what the stream holds, whatever offline computes from padding behind its end.
   */
  | {
      readonly kind: "lastFrames";
      readonly frames: number;
      readonly single?: true;
      readonly newest?: true;
    }
  | { readonly kind: "refuse"; readonly reason: RefusalReason; readonly detail?: Detail };

/** Which frames of a window on time enter a mean. */
export interface CountedWindow {
  readonly taps: number;
  readonly dilation: number;
  /** Frames of padding that count like frames, in front of the first and behind the last. */
  readonly before: number;
  readonly after: number;
}

/** What an operator carries from frame to frame, as one of its inputs and one of its outputs. */
export interface RecurrentState {
  /** The last part of its name: "h", "c". */
  readonly name: string;
  readonly input: number;
  readonly output: number;
  readonly shape: Shape;
  /** Contents before the first frame; absent: zeros. */
  readonly init?: Tensor;
}

/**
 * Constants of a node that mention the offline length and must follow the chunk, e.g. a Reshape's target:
 * input index → value given the number of frames on the time axis of the *output*.
 */
export interface LengthRewrite {
  readonly input: number;
  constant(frames: number): Tensor;
}

export interface StreamContext {
  /** Time axis of each input that streams; undefined for static inputs. Non-negative. */
  readonly axes: readonly (number | undefined)[];
  readonly operands: Operands;
  /** Inferred offline shapes of the outputs. */
  readonly results: readonly Inferred[];
}

export type { QuantRule };

/** A sum-like reduction over axes. The mean of f(x) is its sum, divided by the number of entries. */
export type Reduction =
  | {
      readonly kind: "reduce";
      readonly of: "mean" | "sum" | "sumSquare" | "l1" | "l2" | "logSum" | "logSumExp" | "max" | "min";
      readonly axes: readonly number[];
      /** Whether reduced axes stay with extent 1. */
      readonly keep: boolean;
    }
  /** (x − mean) / √(variance + epsilon), then scaled and shifted. */
  | {
      readonly kind: "normalize";
      readonly axes: readonly number[];
      /** Neighbouring channels (axis 1) that share statistics; 1: every slice off the axes has its own. */
      readonly channelsPerGroup: number;
      readonly epsilon: number;
      /** Divide by the root mean square instead: no mean is taken off. */
      readonly rootMeanSquare: boolean;
      /** Input indices of scale and shift, and how they meet x: one per channel, per group, or on the last axes. */
      readonly scale?: number;
      readonly shift?: number;
      readonly affine: "channel" | "group" | "trailing";
    }
  /** exp(x) over its sum along one axis, or the logarithm of that. */
  | { readonly kind: "softmax"; readonly axis: number; readonly log: boolean };

export interface Cost {
  readonly macs: number;
}

/** Everything known of one operator, bound to one node's attributes. Absent facet = honest hole in the operator matrix. */
export interface OpRules {
  /** `body` is there for nodes with subgraphs. */
  infer(operands: Operands, body?: BodyOf): readonly Inferred[];
  stream?(context: StreamContext): StreamRule;
  /** What the operator sums over, for those that can be approximated when time is among it. */
  reduction?(operands: Operands): Reduction | undefined;
  readonly quant?: QuantRule;
  cost?(operands: Operands, results: readonly Inferred[]): Cost;
  /** Value of the outputs when every needed input is constant; undefined if it is not worth or not possible. */
  fold?(operands: Operands): readonly Tensor[] | undefined;
  /** As `fold`, where sums or powers may round otherwise than in the runtime: for constants whose course must be known. */
  evaluate?(operands: Operands): readonly Tensor[] | undefined;
  /** True if output 0 is input 0 unchanged and every other output is unused or absent: the node can go. */
  isIdentity?(operands: Operands, results: readonly Inferred[]): boolean;
  /**
   * Inputs that were computed from a symbolic length, as constants that say the same at any length: index → value
   * (a Reshape target with 0 and −1, a Slice bound counted from the end).
   */
  settle?(operands: Operands): ReadonlyMap<number, Tensor>;
}

/** What an upgrade may ask about its surroundings and add to them. */
export interface UpgradeContext {
  operand(name: ValueName): OperandInfo | undefined;
  /** Names a new float32 initializer. */
  constant(values: readonly number[], dims: readonly number[]): ValueName;
  /** Names a new int64 initializer, 1-D unless dims are given. */
  integers(values: readonly number[], dims?: readonly number[]): ValueName;
  /** Whether anything reads the value. */
  isUsed(name: ValueName): boolean;
  /** A value name nobody uses, derived from `base`. */
  fresh(base: ValueName): ValueName;
}

/** How a node of an older opset is spelled in opset 18. */
export interface UpgradeFacet {
  /** The operator's form changed in this opset; nodes of that opset or later stay. */
  readonly before: number;
  /** The nodes that take its place, with the same outputs; undefined if there is no exact equivalent. */
  upgrade(
    node: Node,
    attributes: AttributeReader,
    context: UpgradeContext,
    opset: number,
  ): readonly Node[] | undefined;
}

export interface OpDefinition {
  readonly op: string;
  readonly domain: string;
  /** ONNX documentation in one line, for the inspector. */
  readonly doc: string;
  /** Absent: nodes of every supported opset mean the same in opset 18. */
  readonly older?: UpgradeFacet;
  bind(attributes: AttributeReader, node: Node): OpRules;
}

/** Declares an operator of the default domain. */
export function defineOp(
  op: string,
  doc: string,
  bind: (attributes: AttributeReader, node: Node) => OpRules,
  older?: UpgradeFacet,
): OpDefinition {
  return { op, domain: "", doc, bind, ...(older && { older }) };
}

export function refuse(reason: RefusalReason, detail?: Detail): StreamRule {
  return detail === undefined ? { kind: "refuse", reason } : { kind: "refuse", reason, detail };
}
