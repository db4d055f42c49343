import type { Detail } from "../base/detail.ts";
import type { RefusalReason } from "../base/problem.ts";
import { type Rational, scaleExact } from "../base/rational.ts";
import type { Shape } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import type { Operands, OpRules } from "../ops/op.ts";
import type { Fill, NodePlan } from "./analysis.ts";
import type { StreamFact } from "./fact.ts";
import type { LengthLaw } from "./length-law.ts";

export type StreamOf = Extract<StreamFact, { kind: "stream" }>;
export type PerStepOf = Extract<StreamFact, { kind: "perStep" }>;

/** A streaming value as the driver carries it along. */
export interface Flow {
  readonly fact: StreamOf;
  /** Frames that offline has, for the same input, beyond the newest true frame of the stream. */
  readonly lag: number;
  /** Frames that offline has of it. */
  readonly length: LengthLaw;
  /** As `lag`, but counting only those offline frames that read no padding behind the end. */
  readonly cleanLag: number;
  /** First true frames that may differ from offline if no reader on the way is guarded. */
  readonly wrong: number;
}

export interface Refusal {
  readonly reason: RefusalReason;
  readonly detail?: Detail;
}

export type Transfer =
  | { readonly plan: NodePlan; readonly flow: Flow }
  | { readonly plan: NodePlan; readonly perStep: PerStepOf }
  /** Outputs that differ in kind; undefined for those that nobody reads. */
  | { readonly plan: NodePlan; readonly outputs: readonly (Flow | PerStepOf | undefined)[] }
  | { readonly refusal: Refusal };

/** What a transfer may look at. `flows[i]` is undefined for static and absent inputs. */
export interface TransferInput {
  readonly rules: OpRules;
  readonly operands: Operands;
  readonly flows: readonly (Flow | undefined)[];
  readonly resultShape: Shape | undefined;
  /** Model-input frames per step for which guarded readers must be holdable; absent: any. */
  readonly holdChunk?: number;
  /** The same for states; absent: their junk may end within a step, and they cannot be run. */
  readonly stateChunk?: number;
  /** Whether padding behind the end must be exact. */
  readonly exactEnd?: boolean;
  /** The tensor of a static input, even one that was not worth folding; undefined if it cannot be known. */
  constant?(index: number): Tensor | undefined;
  /** Per output: whether anything reads it. */
  readonly used: readonly boolean[];
}

export const refused = (reason: RefusalReason, detail?: Detail): Transfer => ({
  refusal: detail === undefined ? { reason } : { reason, detail },
});

/** Whether some of offline's last frames read padding behind the end: they differ from what the stream holds there. */
export function readsTail(flow: Flow): boolean {
  return flow.cleanLag < flow.lag;
}

/** The inputs that stream. */
export function streamsOf(input: TransferInput): Flow[] {
  return input.flows.filter((f) => f !== undefined);
}

/** Whether a padded reader would see something else than padding before the first frame. */
export function needsGuard({ fact }: Flow, padStart: number, fill: Fill): boolean {
  const { delay, junk } = fact;
  return padStart > 0 && delay > 0 && !(junk.kind === "const" && junk.value === fill);
}

/** Frames per step of a value at this rate, if readers are to be held. */
export function framesPerStep({ holdChunk }: TransferInput, rate: Rational): number | undefined {
  return holdChunk === undefined ? undefined : scaleExact(rate, holdChunk);
}

/** The input that streams, if it is the only one. */
export function only(input: TransferInput): Flow | undefined {
  const streams = streamsOf(input);
  return streams.length === 1 ? streams[0] : undefined;
}
