import { attributesOf } from "../ir/attributes.ts";
import { numbers } from "../ir/tensor.ts";
import { type Kernel, type Program, type ProgramState, tensorIn } from "./program.ts";

/** A history that a program reads as an input and writes as an output. */
export interface OuterState {
  readonly input: string;
  readonly output: string;
}

/**
 * A state that is the newest frames of one value: `window` = state ‖ `value` along `axis`, and the next state is the last `frames`
 * of that.
 */
export interface HistoryState extends ProgramState {
  readonly value: string;
  readonly window: string;
  readonly axis: number;
  readonly frames: number;
}

/** Why a state is no such history: it is read or written otherwise, or its frames do not lie one after the other in memory. */
export type HistoryRefusal = "pattern" | "axis";

/**
 * Looks for a history that starts with zeros. The chip's StreamingCache joins bytes: every axis before the frames must have extent 1.
 * Source: espdl-format reference §5.1.
 */
export function historyOf(program: Program, { input, output }: OuterState): HistoryState | HistoryRefusal {
  const readers = program.kernels.filter((k) => k.inputs.includes(input));
  const [joins] = readers;
  const maker = program.kernels.find((k) => k.outputs.includes(output));
  if (!joins || !maker || readers.length !== 1 || joins.op !== "Concat" || maker.op !== "Slice")
    return "pattern";
  const [head, value = "", ...more] = joins.inputs;
  const [window = ""] = joins.outputs;
  const isRead = program.kernels.some((k) => k.inputs.includes(output));
  if (head !== input || more.length > 0 || isRead || program.outputs.filter((o) => o === output).length !== 1)
    return "pattern";
  const { dims } = tensorIn(program, input);
  const axis = attributesOf(joins).int("axis", 0);
  const frames = dims[axis] ?? 0;
  const [source = ""] = maker.inputs;
  if (source !== value && source !== window) return "pattern";
  if (!takesLast(program, maker, axis, frames)) return "pattern";
  if (dims.slice(0, axis).some((d) => d !== 1)) return "axis";
  return { input, output, init: 0, value, window, axis, frames };
}

/** Whether a Slice takes the last `frames` of its source along `axis` and nothing else. */
function takesLast(program: Program, kernel: Kernel, axis: number, frames: number): boolean {
  const [source = ""] = kernel.inputs;
  const extent = tensorIn(program, source).dims[axis] ?? 0;
  const bounds = kernel.inputs.slice(1).map((name) => {
    const data = program.tensors.get(name)?.data;
    return data && numbers(data).length === 1 ? Number(numbers(data)[0]) : undefined;
  });
  const [from, to, along, step = 1] = bounds;
  if (bounds.length < 3 || from === undefined || to === undefined) return false;
  const place = (at: number): number => (at < 0 ? at + extent : Math.min(at, extent));
  return along === axis && step === 1 && place(from) === extent - frames && place(to) === extent;
}

/** The program with these histories as states of its own: their outputs are outputs no more. */
export function withHistories(program: Program, histories: readonly HistoryState[]): Program {
  const kept = new Set(histories.map((h) => h.output));
  return {
    ...program,
    outputs: program.outputs.filter((name) => !kept.has(name)),
    states: [...program.states, ...histories],
  };
}
