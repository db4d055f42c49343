import { floorMod } from "../base/floor-mod.ts";
import type { RefusalReason } from "../base/problem.ts";
import { equal, type Rational, rational, scaleExact, times } from "../base/rational.ts";
import type { Shape } from "../ir/graph.ts";
import type { Operands, OpRules, StreamRule } from "../ops/op.ts";
import { addDims, subtractDims } from "../ops/rules/dim.ts";
import { accumulate } from "./accumulate.ts";
import type { Fill, NodePlan } from "./analysis.ts";
import { DIRTY, type Junk, NO_JUNK, type StreamFact } from "./fact.ts";
import { guardedLaw } from "./guard.ts";
import { delayedJunk, movedJunk, pointwiseJunk } from "./junk.ts";
import { type LengthLaw, thenLength } from "./length-law.ts";
import { overlap } from "./overlap.ts";
import { recurrent } from "./recurrent.ts";
import { windowedLaw } from "./windowed-law.ts";

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
  readonly detail?: string;
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
  /** Per output: whether anything reads it. */
  readonly used: readonly boolean[];
}

const refused = (reason: RefusalReason, detail?: string): Transfer => ({
  refusal: detail === undefined ? { reason } : { reason, detail },
});

/** The transfer table: how a rule turns the facts of the inputs into the fact of the output and the node's plan. */
export function transfer(rule: StreamRule, input: TransferInput): Transfer {
  switch (rule.kind) {
    case "refuse":
      return refused(rule.reason, rule.detail);
    case "pointwise":
      return pointwise(input);
    case "perFrame":
      return spread(join(rule.axis, input, dataMovementJunk, rule.rewrite), rule.axes);
    case "window":
      return window(rule, input);
    case "overlap": {
      const [flow, ...others] = input.flows;
      if (!flow || others.some((f) => f)) return refused("timeVaryingConstant", "weights");
      return overlap(rule, flow, input);
    }
    case "regroup":
      return regroup(rule, input);
    case "crop":
      return crop(rule, input);
    case "extend":
      return extend(rule, input);
    case "lastFrames":
      return lastFrames(rule, input);
    case "accumulate": {
      const flow = only(input);
      return flow ? accumulate(rule.exclusive, flow, input.holdChunk) : refused("dataDependent", "axis");
    }
    case "recurrent":
      return recurrent(rule, input, join(0, input, dataMovementJunk));
  }
}

/** Whether some of offline's last frames read padding behind the end: they differ from what the stream holds there. */
export function readsTail(flow: Flow): boolean {
  return flow.cleanLag < flow.lag;
}

function streamsOf(input: TransferInput): Flow[] {
  return input.flows.filter((f) => f !== undefined);
}

function pointwise(input: TransferInput): Transfer {
  const { operands, flows, resultShape } = input;
  if (!resultShape) return refused("shapeUnknown");
  let fromEnd: number | undefined;
  for (const [i, flow] of flows.entries()) {
    if (!flow) continue;
    const rank = operands[i]?.shape?.length;
    if (rank === undefined) return refused("shapeUnknown");
    const offset = flow.fact.axis - rank;
    if (fromEnd !== undefined && offset !== fromEnd) return refused("axesDiffer");
    fromEnd = offset;
  }
  if (fromEnd === undefined) throw new Error("pointwise without a stream");
  for (const [i, operand] of operands.entries()) {
    if (flows[i] || !operand) continue;
    if (!operand.shape) return refused("shapeUnknown");
    const extent = operand.shape[operand.shape.length + fromEnd];
    if (extent !== undefined && extent !== 1) return refused("timeVaryingConstant", String(extent));
  }
  return join(resultShape.length + fromEnd, input, pointwiseJunkOf);
}

type JunkRule = (input: TransferInput, delayed: readonly (Junk | undefined)[], delay: number) => Junk;

const pointwiseJunkOf: JunkRule = (input, delayed, delay) =>
  pointwiseJunk(input.rules, input.operands, delayed, delay);

const dataMovementJunk: JunkRule = (input, delayed, delay) => {
  const streams = delayed.filter((j) => j !== undefined);
  const output = input.rules.quant?.output;
  const moves = output === "same" || (output === "union" && streams.length === delayed.length);
  return moves ? movedJunk(delay, streams) : delay === 0 ? NO_JUNK : DIRTY;
};

/** Inputs meet frame by frame: all are delayed to the latest. */
function join(
  axis: number,
  input: TransferInput,
  junkOf: JunkRule,
  rewrite?: Extract<NodePlan, { kind: "frames" }>["rewrite"],
): Transfer {
  const streams = streamsOf(input);
  const first = streams[0];
  if (!first) throw new Error("join without a stream");
  const other = streams.find((f) => !equal(f.fact.rate, first.fact.rate));
  if (other) return refused("ratesDiffer", `${show(first.fact.rate)} ${show(other.fact.rate)}`);
  const delay = Math.max(...streams.map((f) => f.fact.delay));
  const align = input.flows.map((f) => (f ? delay - f.fact.delay : 0));
  const delayed = input.flows.map((f) => f && delayedJunk(f.fact.junk, delay - f.fact.delay));
  return {
    plan: { kind: "frames", align, ...(rewrite && { rewrite }) },
    flow: {
      fact: {
        kind: "stream",
        axis,
        rate: first.fact.rate,
        delay,
        junk: junkOf(input, delayed, delay),
        field: {
          past: Math.max(...streams.map((f) => f.fact.field.past)),
          future: Math.max(...streams.map((f) => f.fact.field.future)),
        },
        exact: first.fact.exact,
      },
      lag: Math.max(...streams.map((f) => f.lag + delay - f.fact.delay)),
      length: first.length,
      cleanLag: Math.min(...streams.map((f) => f.cleanLag + delay - f.fact.delay)),
      wrong: Math.max(...streams.map((f) => f.wrong)),
    },
  };
}

/** The same frames in several outputs, each with time on its own axis. */
function spread(met: Transfer, axes: readonly number[] | undefined): Transfer {
  if (!axes || !("flow" in met)) return met;
  const { plan, flow } = met;
  return { plan, outputs: axes.map((axis) => ({ ...flow, fact: { ...flow.fact, axis } })) };
}

function window(rule: Extract<StreamRule, { kind: "window" }>, input: TransferInput): Transfer {
  const flow = input.flows[0];
  if (!flow || input.flows.some((f, i) => f && i > 0)) return refused("timeVaryingConstant", "weights");
  const { kernel, stride, padStart, padEnd } = rule;
  const { delay, rate, field, exact } = flow.fact;
  if (padStart > 0 && !rule.padExact) return refused("maskNeeded", "count");
  const geometry = { kernel, stride, padStart, delay };
  const guarded = needsGuard(flow, padStart, rule.padValue);
  const { law, guard } = guarded
    ? guardedLaw(geometry, rule.padValue, framesPerStep(input, rate))
    : { law: windowedLaw(geometry), guard: undefined };
  const lagAfter = (lag: number): number =>
    Math.floor((lag - delay + padStart - kernel) / stride) + 1 + law.delayOut;
  const inputFrames = rate.den / rate.num;
  return {
    plan: {
      kind: "window",
      law,
      ...(padStart > 0 && { fill: rule.padValue }),
      ...(guard && { guard }),
      ...(input.exactEnd && padEnd > 0 && { tail: rule.padValue }),
      attributes: rule.attributes,
      ...(rule.constants && { constants: rule.constants }),
    },
    flow: {
      fact: {
        kind: "stream",
        axis: rule.axis,
        rate: times(rate, rational(1, stride)),
        delay: law.delayOut,
        junk: law.delayOut === 0 ? NO_JUNK : DIRTY,
        field: {
          past: field.past + padStart * inputFrames,
          future: field.future + (kernel - 1 - padStart) * inputFrames,
        },
        exact,
      },
      lag: lagAfter(flow.lag + padEnd),
      length: thenLength(flow.length, { add: padStart + padEnd - kernel, divide: stride, plus: 1 }),
      cleanLag: lagAfter(flow.cleanLag),
      wrong: guard || flow.wrong > 0 ? Math.ceil((flow.wrong + padStart) / stride) : 0,
    },
  };
}

/** Whether a padded reader would see something else than padding before the first frame. */
function needsGuard({ fact }: Flow, padStart: number, fill: Fill): boolean {
  const { delay, junk } = fact;
  return padStart > 0 && delay > 0 && !(junk.kind === "const" && junk.value === fill);
}

/** Frames per step of a value at this rate, if readers are to be held. */
function framesPerStep({ holdChunk }: TransferInput, rate: Rational): number | undefined {
  return holdChunk === undefined ? undefined : scaleExact(rate, holdChunk);
}

function regroup(rule: Extract<StreamRule, { kind: "regroup" }>, input: TransferInput): Transfer {
  const flow = only(input);
  if (!flow) return refused("ratesDiffer");
  const { num, den } = rule.factor;
  const { delay, rate, field, junk, exact } = flow.fact;
  const wait = floorMod(-delay, den);
  const inputFrames = rate.den / rate.num;
  const out = ((delay + wait) * num) / den;
  return {
    plan: {
      kind: "frames",
      align: input.flows.map((f) => (f ? wait : 0)),
      ...(rule.rewrite && { rewrite: rule.rewrite }),
    },
    flow: {
      fact: {
        kind: "stream",
        axis: rule.axis,
        rate: times(rate, rule.factor),
        delay: out,
        junk: movedJunk(out, [delayedJunk(junk, wait)]),
        field: {
          past: field.past + ((num - 1) / num) * inputFrames,
          future: field.future + (den - 1) * inputFrames,
        },
        exact,
      },
      lag: Math.floor(((flow.lag + wait) * num) / den),
      length: thenLength(flow.length, { multiply: num, divide: den }),
      cleanLag: Math.floor(((flow.cleanLag + wait) * num) / den),
      wrong: Math.ceil((flow.wrong * num) / den),
    },
  };
}

function crop({ start, trimmed = 0 }: Extract<StreamRule, { kind: "crop" }>, input: TransferInput): Transfer {
  const flow = only(input);
  if (!flow || trimmed > Math.max(0, flow.lag)) return refused("timeIndexed");
  const { axis, rate, field, delay, junk } = flow.fact;
  const had = input.operands[input.flows.indexOf(flow)]?.shape?.[axis] ?? null;
  const kept = addDims(input.resultShape?.[axis] ?? null, start);
  const cutAtEnd = subtractDims(had, kept);
  const lag = flow.lag - (typeof cutAtEnd === "number" ? cutAtEnd : 0);
  const shift = (start * rate.den) / rate.num;
  return {
    plan: { kind: "alias", start },
    flow: {
      ...flow,
      fact: {
        ...flow.fact,
        delay: delay + start,
        junk: start === 0 ? junk : DIRTY,
        field: { past: field.past - shift, future: field.future + shift },
      },
      lag,
      length: thenLength(flow.length, { plus: lag - flow.lag - start }),
      cleanLag: Math.min(flow.cleanLag, lag),
      wrong: Math.max(0, flow.wrong - start),
    },
  };
}

function extend(rule: Extract<StreamRule, { kind: "extend" }>, input: TransferInput): Transfer {
  const flow = only(input);
  if (!flow) return refused("timeJoined");
  const { before, after, value } = rule;
  const { delay, junk, rate, field } = flow.fact;
  // As a window of one frame that is padded in front.
  const geometry = { kernel: 1, stride: 1, padStart: before, delay };
  const { law, guard } = needsGuard(flow, before, value)
    ? guardedLaw(geometry, value, framesPerStep(input, rate))
    : { law: windowedLaw(geometry), guard: undefined };
  const { carried: frames, delayOut: out } = law;
  const more = before + out - delay;
  const tail = input.exactEnd && after > 0 ? { tail: value } : undefined;
  const shift = (before * rate.den) / rate.num;
  return {
    plan:
      frames === 0 && !guard && !tail
        ? { kind: "alias" }
        : { kind: "delay", frames, fill: value, ...(guard && { guard }), ...tail },
    flow: {
      fact: {
        ...flow.fact,
        delay: out,
        junk: out === 0 ? NO_JUNK : before < 0 ? DIRTY : junk,
        field: { past: field.past + shift, future: field.future - shift },
      },
      lag: flow.lag + more + after,
      length: thenLength(flow.length, { plus: before + after }),
      cleanLag: Math.min(flow.cleanLag + more, flow.lag + more + after),
      wrong: guard || flow.wrong > 0 ? Math.max(0, flow.wrong + before) : 0,
    },
  };
}

function lastFrames(
  { frames, single }: Extract<StreamRule, { kind: "lastFrames" }>,
  input: TransferInput,
): Transfer {
  const flow = only(input);
  if (!flow) return refused("perStepMixed");
  if (readsTail(flow)) return refused("maskNeeded", "end");
  // Offline ends before the stream does: its last frames are not the newest that the stream holds.
  if (flow.lag < 0) return refused("timeIndexed", `${-flow.lag} cut off at the end`);
  const { rate, delay, field, exact } = flow.fact;
  return {
    plan: { kind: "last", frames, ...(single && { single }) },
    perStep: {
      kind: "perStep",
      rate,
      delay: flow.lag,
      windowFrames: delay + frames,
      field: { past: field.past + ((frames - 1) * rate.den) / rate.num, future: field.future },
      exact,
    },
  };
}

/** Per-step values that meet: they must end at the same moment of the input. */
export function joinPerStep(facts: readonly PerStepOf[]): PerStepOf | Refusal {
  const [first, ...rest] = facts;
  if (!first) throw new Error("no per-step input");
  const lagOf = (f: PerStepOf): number => (f.delay * f.rate.den) / f.rate.num;
  const other = rest.find((f) => lagOf(f) !== lagOf(first));
  if (other) return { reason: "perStepMixed", detail: `delay ${lagOf(first)} ${lagOf(other)}` };
  const needs = facts.map((f) => (f.windowFrames * f.rate.den) / f.rate.num);
  return {
    ...first,
    windowFrames: Math.ceil((Math.max(...needs) * first.rate.num) / first.rate.den),
    field: {
      past: Math.max(...facts.map((f) => f.field.past)),
      future: Math.max(...facts.map((f) => f.field.future)),
    },
  };
}

function only(input: TransferInput): Flow | undefined {
  const streams = streamsOf(input);
  return streams.length === 1 ? streams[0] : undefined;
}

function show(r: Rational): string {
  return r.den === 1 ? String(r.num) : `${r.num}/${r.den}`;
}
