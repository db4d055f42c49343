import { arenaBytes } from "./arena-bytes.ts";
import type { Program } from "./program.ts";

/** Bytes that a program takes on the device. */
export interface ProgramMemory {
  /** Weights, biases, and the tables of functions. */
  readonly parameterBytes: number;
  /** All activations of one run, as the runtime lays them out. */
  readonly arenaBytes: number;
}

/** What a program needs. `kept` are tensors that live outside the arena, such as caches. */
export function programMemory(program: Program, kept: ReadonlySet<string> = new Set()): ProgramMemory {
  const constants = [...program.tensors.values()].filter((t) => t.data);
  const parameterBytes =
    constants.reduce((n, t) => n + (t.data?.bytes.byteLength ?? 0), 0) +
    program.kernels.reduce((n, { form }) => n + (form.kind === "table" ? form.table.byteLength : 0), 0);
  return { parameterBytes, arenaBytes: arenaBytes(program, kept) };
}
