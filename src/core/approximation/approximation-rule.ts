import type { RefusalReason } from "../base/problem.ts";
import type { Model, Node, ValueName } from "../ir/graph.ts";
import type { InferenceResult } from "../passes/infer-shapes.ts";
import type { Approximation, ApproximationKind } from "../plan/approximation.ts";
import type { StreamAnalysis } from "../stream/analysis.ts";
import type { Limits } from "../stream/mask-band.ts";
import type { PatchWriter } from "./patch-writer.ts";

/** A node that cannot stream exactly, where it stands. */
export interface RefusedNode {
  readonly model: Model;
  readonly inference: InferenceResult;
  /** Facts up to the node. */
  readonly analysis: StreamAnalysis;
  readonly node: Node;
  readonly reason: RefusalReason;
  /** The input that streams, its time axis and its rank. */
  readonly source: ValueName;
  readonly axis: number;
  readonly rank: number;
  readonly readers: ReadonlyMap<ValueName, readonly Node[]>;
}

/** One way to stand in for refused nodes: for which, with which parameters, and by what. */
export interface ApproximationRule {
  readonly kind: ApproximationKind;
  /** The approximation with its default parameters; undefined where it cannot stand in. */
  propose(refused: RefusedNode): Approximation | undefined;
  /**
   * Writes what stands in for the node: operators that stream exactly and give out the node's outputs. Answers false,
   * having written nothing, if the parameters do not fit.
   */
  rewrite(refused: RefusedNode, approximation: Approximation, out: PatchWriter): boolean;
  /** Instead of a rewrite: the frames, counted from its own, that a frame's attention keeps. The graph stays as it is. */
  limits?(refused: RefusedNode, approximation: Approximation): Limits | undefined;
}

type Of<K extends ApproximationKind> = Extract<Approximation, { kind: K }>;

function isOf<K extends ApproximationKind>(approximation: Approximation, kind: K): approximation is Of<K> {
  return approximation.kind === kind;
}

/** Declares the rule of one kind. */
export function defineApproximation<K extends ApproximationKind>(
  kind: K,
  propose: (refused: RefusedNode) => Of<K> | undefined,
  rewrite: (refused: RefusedNode, approximation: Of<K>, out: PatchWriter) => boolean,
): ApproximationRule {
  return {
    kind,
    propose,
    rewrite: (refused, approximation, out) =>
      isOf(approximation, kind) && rewrite(refused, approximation, out),
  };
}

/** Declares a kind that limits a node's context instead of replacing the node. */
export function defineLimit<K extends ApproximationKind>(
  kind: K,
  propose: (refused: RefusedNode) => Of<K> | undefined,
  limits: (approximation: Of<K>) => Limits,
): ApproximationRule {
  return {
    kind,
    propose,
    rewrite: () => false,
    limits: (refused, approximation) =>
      isOf(approximation, kind) && propose(refused) ? limits(approximation) : undefined,
  };
}
