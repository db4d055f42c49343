import type { Detail } from "../base/detail.ts";
import type { Graph, Node, ValueName } from "../ir/graph.ts";
import type { Inference, RulesOf } from "./analysis.ts";
import type { AttentionFrame } from "./attention-frame.ts";
import type { MaskOperand } from "./attention-mask.ts";
import type { Flow, Refusal } from "./flow.ts";
import type { Limits } from "./mask-band.ts";
import type { PositionalValues } from "./positional-values.ts";

/** What the recogniser asks of the walk over the graph. */
export interface AttentionContext {
  readonly graph: Graph;
  readonly inference: Inference;
  readonly rulesOf: RulesOf;
  readonly values: PositionalValues;
  /** The facts of a stream, positions included; undefined for anything else. */
  flowOf(name: ValueName): Flow | undefined;
  /** True for constants and for what depends on the length alone. */
  isFree(name: ValueName): boolean;
  /** False behind refusals. */
  isKnown(name: ValueName): boolean;
  /** The length of every symbol when the model's input has `frames` frames. */
  lengthOf(frames: number): (symbol: string) => number;
  /** By the key of the product with the values: narrower contexts that the user accepted. */
  readonly bands: ReadonlyMap<string, Limits>;
}

/** A value with time on two axes: side 0 comes from the rows, side 1 from the columns of the first product. */
export interface GridValue {
  readonly axes: readonly [number, number];
  readonly rank: number;
  /** Whether entries that are blocked are zero because of a softmax. */
  readonly normalised: boolean;
  readonly group: Group;
}

export type Side = 0 | 1;

export type MemberOperand =
  | { readonly kind: "plain" }
  | { readonly kind: "grid"; readonly value: ValueName }
  | { readonly kind: "side"; readonly side: Side; readonly flow: Flow }
  | { readonly kind: "value"; readonly flow: Flow }
  | MaskOperand;

export interface Member {
  readonly node: Node;
  readonly operands: readonly MemberOperand[];
  readonly grid?: GridValue;
}

/** Everything between the products of one attention. */
export interface Group {
  members: Member[];
  /** Which side the keys are; known from the softmax or the second product on. */
  key: Side | undefined;
  frame?: AttentionFrame;
  /** Refused already, with the reason. */
  failed?: true;
}

/** Why something is no attention that can stream. */
export const no = (reason: Refusal["reason"], detail?: Detail): { readonly refusal: Refusal } => ({
  refusal: detail === undefined ? { reason } : { reason, detail },
});
