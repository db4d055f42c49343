import { byteLength, sizeOf } from "../ir/tensor.ts";
import { type Program, type ProgramTensor, tensorIn } from "./program.ts";

/** Bytes that a program takes on the device. */
export interface ProgramMemory {
  /** Weights, biases, and the tables of functions. */
  readonly parameterBytes: number;
  /** All activations of one run, laid out by lifetime. */
  readonly arenaBytes: number;
}

const ALIGNMENT = 16;

/** Ops that the runtime computes in the memory of their first input. Source: espdl-format reference §6.2. */
const IN_PLACE: ReadonlySet<string> = new Set([
  ...["Flatten", "Reshape", "Squeeze", "Unsqueeze", "Identity"],
  ...["Add", "Relu", "Sigmoid", "Swish", "PRelu", "LUT", "Clip", "RequantizeLinear"],
  ...["Tanh", "LeakyRelu", "Elu", "HardSwish", "HardSigmoid", "Gelu"],
  ...["ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin"],
]);

/**
 * What a program needs, estimated as the runtime's greedy memory manager places tensors: alive from definition to last reader (outputs:
 * to the end), best fit, 16-byte aligned. `kept` are tensors that live outside the arena, such as caches.
 */
export function programMemory(program: Program, kept: ReadonlySet<string> = new Set()): ProgramMemory {
  const constants = [...program.tensors.values()].filter((t) => t.data);
  const parameterBytes =
    constants.reduce((n, t) => n + (t.data?.bytes.byteLength ?? 0), 0) +
    program.kernels.reduce((n, { form }) => n + (form.kind === "table" ? form.table.byteLength : 0), 0);
  return { parameterBytes, arenaBytes: arenaBytes(program, kept) };
}

interface Place {
  readonly from: number;
  readonly to: number;
}

function arenaBytes(program: Program, kept: ReadonlySet<string>): number {
  const lastReader = lastReaders(program, kept);
  const inArena = (t: ProgramTensor): boolean => !t.data && !kept.has(t.name);
  const places = new Map<string, Place>();
  let peak = 0;
  const place = (name: string, at: Place): void => {
    places.set(name, at);
    peak = Math.max(peak, at.to);
  };
  for (const name of program.inputs)
    if (inArena(tensorIn(program, name))) place(name, bestFit(places, alignedBytes(tensorIn(program, name))));
  for (const [i, kernel] of program.kernels.entries()) {
    const ends = (name: string): boolean => lastReader.get(name) === i;
    const outputs = kernel.outputs.filter((name) => name !== "");
    for (const name of outputs) {
      const record = tensorIn(program, name);
      if (!inArena(record)) continue;
      const bytes = alignedBytes(record);
      const [over = ""] = kernel.inputs;
      const own = places.get(over);
      const reuses = outputs.length === 1 && IN_PLACE.has(kernel.op) && ends(over);
      if (own && reuses && own.to - own.from >= bytes) {
        places.delete(over);
        place(name, { from: own.from, to: own.from + bytes });
      } else place(name, bestFit(places, bytes));
    }
    for (const name of [...kernel.inputs, ...kernel.outputs]) if (ends(name)) places.delete(name);
  }
  return peak;
}

/** Index of the kernel behind which a tensor's memory is free; outputs have none. What nobody reads ends where it is made. */
function lastReaders({ kernels, outputs }: Program, kept: ReadonlySet<string>): Map<string, number> {
  const last = new Map<string, number>();
  for (const [i, { inputs, outputs: made }] of kernels.entries())
    for (const name of [...inputs, ...made]) last.set(name, i);
  for (const name of outputs) if (!kept.has(name)) last.delete(name);
  return last;
}

/** The smallest gap that holds so many bytes, or the end. */
function bestFit(places: ReadonlyMap<string, Place>, bytes: number): Place {
  const taken = [...places.values()].sort((a, b) => a.from - b.from);
  let best: Place | undefined;
  let end = 0;
  for (const { from, to } of taken) {
    const gap = from - end;
    if (gap >= bytes && (!best || gap < best.to - best.from)) best = { from: end, to: from };
    end = Math.max(end, to);
  }
  const from = best?.from ?? end;
  return { from, to: from + bytes };
}

function alignedBytes({ dtype, dims }: ProgramTensor): number {
  return Math.ceil(byteLength(dtype, sizeOf(dims)) / ALIGNMENT) * ALIGNMENT;
}
