import type { Finding } from "../base/problem.ts";
import type { Rational } from "../base/rational.ts";
import type { Attribute, Graph, Node, ValueName } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { LengthRewrite, OperandInfo, OpRules, RecurrentState } from "../ops/op.ts";
import type { ApproximationKind } from "../plan/approximation.ts";
import type { AttentionFrame } from "./attention-frame.ts";
import type { AttentionOperand, GridShape } from "./attention-plan.ts";
import type { EdgeCounts } from "./edge-counts.ts";
import type { StreamFact } from "./fact.ts";
import type { Guard } from "./guard.ts";
import type { LengthLaw } from "./length-law.ts";
import type { Limits } from "./mask-band.ts";
import type { PositionLaw } from "./position-law.ts";
import type { LengthLimit, PositionSource, Table } from "./positions.ts";
import type { WindowPlan } from "./windowed-law.ts";

/** What shape inference knows of every value offline; an empty record for a name it does not know. */
export interface Inference {
  info(name: ValueName): OperandInfo;
}

/** Rules of a node, or undefined for an operator that the catalogue does not know. */
export type RulesOf = (node: Node) => OpRules | undefined;

/** Model input → time axis. Inputs that are absent do not stream. */
export type TimeAxes = Readonly<Record<ValueName, number>>;

/** How a model input runs: its frames per frame of the model input, and how many of its frames it comes late. */
export interface InputPace {
  readonly rate: Rational;
  readonly delay: number;
}

/** Model input → pace, of those that are not simply the model input: one frame per frame, at once. */
export type InputPaces = Readonly<Record<ValueName, InputPace>>;

/** Fill of a history: a number, or the minimum of the dtype. */
export type Fill = number | "lowest";

/**
 * How frames from before the stream are kept out of padded windows (reference: §5.6 of the theory).
 * - causal-free: none ever gets near one.
 * - hold: the host feeds guarded caches their initial contents until only true frames come (`Cache.holdSteps`).
 * - mask: the graph knows the position of its chunk and selects padding where the stream has not begun.
 * - two-graph: a masked graph for the first steps, one without masks from there on; both keep the same caches.
 * - ignore: nothing is done; a bounded number of first frames differs from offline.
 */
export type WarmUpPolicy = "causal-free" | "hold" | "mask" | "two-graph" | "ignore";

/** Frames that a node reads of its only stream, where those beyond an end are repeated or mirrored. */
export interface Reach {
  readonly mode: "edge" | "reflect";
  /** Frames of history that are read. */
  readonly history: number;
  /** Frames by which the read frames are older than the chunk's. */
  readonly shift: number;
  /** Frames read beyond those of the chunk. */
  readonly more: number;
  /** Which ends are followed. */
  readonly start: boolean;
  readonly end: boolean;
}

/** How the converter treats one node; `align` holds the frames by which each input must be delayed. */
export type NodePlan =
  /** Does not depend on time: copied. */
  | { readonly kind: "static" }
  /** An integer vector that shape inference knows (Shape chains): replaced by a constant where it is still read. */
  | { readonly kind: "length" }
  /** Reads per-step values only: copied. */
  | { readonly kind: "perStep" }
  | {
      readonly kind: "frames";
      readonly align: readonly number[];
      readonly rewrite?: LengthRewrite;
      /** Constant inputs that differ from frame to frame: those of the chunk are made from its position. */
      readonly positions?: ReadonlyMap<number, PositionLaw>;
      /** Constants that differ from frame to frame: read at the positions of the frames. */
      readonly tables?: readonly Table[];
      /** An input of positions that must stay below the end of a table. */
      readonly clamp?: { readonly input: number; readonly last: number };
    }
  | {
      readonly kind: "window";
      readonly law: WindowPlan;
      /** Fill that stands for the padding; undefined where no true frame ever reads the initial history. */
      readonly fill?: Fill;
      readonly guard?: Guard;
      /** What the window must see behind the last frame; undefined unless the end is to be exact. */
      readonly tail?: Fill;
      readonly attributes: Readonly<Record<string, Attribute>>;
      /** Inputs that are other constants here. */
      readonly constants?: ReadonlyMap<number, Tensor>;
      /** What turns the node's means into those of windows at the ends. */
      readonly counts?: EdgeCounts;
    }
  /** The node runs over the chunk; its states are caches. */
  | {
      readonly kind: "recurrent";
      readonly align: readonly number[];
      readonly states: readonly RecurrentState[];
      readonly dropped: readonly number[];
      readonly guard?: Guard;
    }
  /** A running sum: the sum so far is a state. */
  | { readonly kind: "accumulate"; readonly exclusive: boolean; readonly guard?: Guard }
  /** An overlap-add whose last `open` output frames wait for the next chunk. */
  | {
      readonly kind: "carry";
      readonly open: number;
      readonly guard?: Guard;
      /** What stands for frames behind the last; undefined unless the end is to be exact. */
      readonly tail?: Fill;
      readonly attributes: Readonly<Record<string, Attribute>>;
    }
  /** The node vanishes: its output is its input under another delay; a crop drops `start` frames offline. */
  | { readonly kind: "alias"; readonly start?: number }
  /** The output is the input, `frames` later, with constant frames in front (extend). */
  | {
      readonly kind: "delay";
      readonly frames: number;
      readonly fill: number;
      readonly guard?: Guard;
      readonly tail?: Fill;
    }
  /** Frames that follow from their position alone. */
  | { readonly kind: "position"; readonly source: PositionSource }
  /** Depends on positions along two axes: a mask. It vanishes, its readers hold its entries. */
  | { readonly kind: "grid" }
  /** A node of an attention: queries of the chunk, keys of the chunk and of the history before it. */
  | {
      readonly kind: "attention";
      readonly frame: AttentionFrame;
      readonly operands: readonly AttentionOperand[];
      /** What stands for keys that are no true frames, in input 0: the lowest number or zero. */
      readonly validity?: "lowest" | "zero";
    }
  /** Some frames at the ends are others of the stream: frame t is that of `shift` frames ago. */
  | {
      readonly kind: "mirror";
      readonly reach: Reach;
    }
  /** Chunk and the frame before it are interpolated; the frames of the chunk lie `cut` behind the first. */
  | {
      readonly kind: "interpolate";
      readonly reach: Reach;
      readonly factor: number;
      readonly cut: number;
      readonly rewrite?: LengthRewrite;
    }
  /** One window of the last `frames` frames per step; `single`: the time axis is gone. */
  | { readonly kind: "last"; readonly frames: number; readonly single?: true };

/** What the converter knows of a whole graph for one choice of time axes. Independent of the chunk, unless held. */
export interface StreamAnalysis {
  readonly graph: Graph;
  readonly inference: Inference;
  readonly rulesOf: RulesOf;
  readonly axes: TimeAxes;
  /** Absent: every streaming input is the model input, frame by frame. */
  readonly paces?: InputPaces | undefined;
  /** Every value that could be derived; initializers are left out (they are static). */
  readonly facts: ReadonlyMap<ValueName, StreamFact>;
  /**
   * Frames that offline has beyond the newest true frame of the stream, after the same input: while the stream has
   * advanced by n frames, offline has n − delay + lag.
   */
  readonly lags: ReadonlyMap<ValueName, number>;
  /** Frames that every streaming value has offline. */
  readonly lengths: ReadonlyMap<ValueName, LengthLaw>;
  /** Whether the graph is told where the stream ends (`state.remaining`). */
  readonly exactEnd: boolean;
  /** As `lags`, counting only offline frames that read no padding behind the end: what a stream without end can equal. */
  readonly cleanLags: ReadonlyMap<ValueName, number>;
  /**
   * Per streaming value: at most this many of its first true frames differ from offline if nothing is guarded; infinite
   * behind a state. Per-step values read that many frames that may differ.
   */
  readonly wrong: ReadonlyMap<ValueName, number>;
  /** Values over time × time, inside attentions. */
  readonly grids: ReadonlyMap<ValueName, GridShape>;
  /** Contexts that the user limited, by the key of the product with the values. */
  readonly bands: ReadonlyMap<string, Limits>;
  /** Tables that end: the stream must not be longer. In graph order. */
  readonly limits: readonly LengthLimit[];
  /** What is done about guards; "mask" fits any chunk and stands until `withWarmUp` has chosen. */
  readonly warmUp: WarmUpPolicy;
  /** Every node that could be planned. */
  readonly plans: ReadonlyMap<Node, NodePlan>;
  /** One finding per first cause, in graph order; empty if the graph streams. */
  readonly refusals: readonly Finding[];
  /** Values that stand in for what cannot stream exactly. What depends on them is approximate too: see their facts. */
  readonly approximate: ReadonlyMap<ValueName, ApproximationKind>;
  /** Chunks must be multiples of this many model-input frames. */
  readonly minimalChunk: number;
}
