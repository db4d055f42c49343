import { outOfMemory, WASM_LIMIT_BYTES } from "../core/base/out-of-memory.ts";
import { type Problem, StudioError } from "../core/base/problem.ts";
import type { Failure } from "./protocol.ts";

/** An exception of a job, as a record that can be cloned between threads; memory that ran out is told with the job's sizes. */
export function failureOf(error: unknown, input?: unknown): Failure {
  if (error instanceof StudioError) return { problem: sized(error.problem, input) };
  const memory = outOfMemory(error);
  if (memory) {
    const limits = { fileBytes: 0, limitBytes: WASM_LIMIT_BYTES };
    return { problem: sized({ code: "memory.exhausted", ...memory, ...limits }, input) };
  }
  if (error instanceof Error) {
    return { bug: { name: error.name, message: error.message, stack: error.stack ?? "" } };
  }
  return { bug: { name: "Error", message: String(error), stack: "" } };
}

/** The exception on the other side: StudioError for a problem, a plain Error with the far stack for a bug. */
export function errorOf(failure: Failure): Error {
  if ("problem" in failure) return new StudioError(failure.problem);
  const error = new Error(failure.bug.message);
  error.name = failure.bug.name;
  error.stack = failure.bug.stack;
  return error;
}

function sized(problem: Problem, input: unknown): Problem {
  if (problem.code !== "memory.exhausted") return problem;
  return { ...problem, fileBytes: Math.max(problem.fileBytes, blobBytes(input)) };
}

/** Sizes of all files that a job was given. */
function blobBytes(input: unknown): number {
  if (input instanceof Blob) return input.size;
  if (typeof input !== "object" || input === null || ArrayBuffer.isView(input)) return 0;
  return Object.values(input).reduce<number>((sum, part) => sum + blobBytes(part), 0);
}
