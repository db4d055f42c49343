import type { Rational } from "../base/rational.ts";
import type { Dim, Graph, ValueName } from "../ir/graph.ts";
import type { DType, Tensor } from "../ir/tensor.ts";
import type { WarmUpPolicy } from "./analysis.ts";
import type { Exactness } from "./fact.ts";

/**
 * What is kept between steps: past frames of a value (input `cache.<value>`, output `cache.<value>.next`), or the state of
 * the operator that makes a value (`state.<value>.<name>`, `….next`).
 */
export interface Cache {
  readonly kind: "window" | "state" | "position";
  readonly value: ValueName;
  readonly input: ValueName;
  readonly output: ValueName;
  /** Full shape of the cache tensor; `shape[axis] === frames`. */
  readonly shape: readonly number[];
  readonly axis: number;
  readonly frames: number;
  readonly dtype: DType;
  /** Contents at reset: one value for every element, or the whole tensor. */
  readonly init: number | Tensor;
  /** The host keeps the initial contents through this many runs of the module: they saw nothing but junk (policy hold). */
  readonly holdSteps?: number;
  /** Why it exists, for the cache table. */
  readonly readers: readonly {
    readonly node: string;
    readonly use:
      | "window"
      | "delay"
      | "attention"
      | "lastFrames"
      | "forced"
      | "phase"
      | "state"
      | "position"
      | "end";
    readonly frames: number;
  }[];
}

export interface Port {
  readonly name: ValueName;
  readonly dtype: DType;
  /** Shape per step. */
  readonly shape: readonly number[];
  /** Time axis; undefined for values that exist once per step or never change. */
  readonly axis?: number;
  readonly kind: "stream" | "perStep" | "static";
  readonly rate: Rational;
  readonly delay: number;
  readonly framesPerStep: number;
  readonly exact: Exactness;
}

/** One part of a split model: a graph that is run once per `chunk` model-input frames. */
export interface Module {
  readonly name: string;
  /** Model-input frames per run: the model's chunk, or a whole multiple of it behind a stride (multi-rate). */
  readonly chunk: number;
  /** Runs from reset that are left out: everything that would enter is junk, and caches keep their initial contents. */
  readonly gateRuns: number;
  /** Graph with inputs = ports + cache inputs and outputs = ports + cache outputs, in this order. */
  readonly graph: Graph;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly caches: readonly Cache[];
  readonly cost: ModuleCost;
  /** Another graph for the first runs (policy two-graph). */
  readonly start?: ModuleStart;
}

/** The graph that a module runs at first: it knows where the stream begins. */
export interface ModuleStart {
  /** Runs of the module, from reset, that it is used for. */
  readonly runs: number;
  /** The module's ports and caches, and the caches below. */
  readonly graph: Graph;
  /** What only these runs keep. */
  readonly caches: readonly Cache[];
}

/** A module as it runs at first. */
export function startingModule(module: Module): Module {
  const { start } = module;
  return start ? { ...module, graph: start.graph, caches: [...module.caches, ...start.caches] } : module;
}

/** Work of one run, and memory. */
export interface ModuleCost {
  /** Multiply-accumulates per run. */
  readonly macs: number;
  readonly weightBytes: number;
  readonly cacheBytes: number;
  /** Bytes of every value that the nodes write, per run. */
  readonly activationBytes: number;
  /** Operators dispatched per run. */
  readonly dispatches: number;
}

/** How the model starts (reference: §5.6 of the theory). */
export interface WarmUp {
  readonly policy: WarmUpPolicy;
  /** First true frames, at most, of an output that differ from offline. */
  readonly wrongFrames: number;
}

/** A whole model in streaming form. */
export interface StreamingModel {
  /** Model-input frames per step. */
  readonly chunk: number;
  /** Model-input frames after which every module has run a whole number of times; `chunk` if none is slower. */
  readonly roundFrames: number;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** In running order; a single module when nothing is split. */
  readonly modules: readonly Module[];
  readonly opsets: ReadonlyMap<string, number>;
  readonly warmUp: WarmUp;
  /** Extra steps to feed after the last real chunk so that delayed frames come out. */
  readonly flushSteps: number;
}

/** A value on which history is needed: shown dashed until accepted. */
export interface CacheProposal {
  readonly value: ValueName;
  readonly axis: number;
  readonly frames: number;
  readonly bytes: number;
  readonly delay: number;
  readonly readers: Cache["readers"];
  readonly shape: readonly Dim[];
}
