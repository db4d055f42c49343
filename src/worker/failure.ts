import { StudioError } from "../core/base/problem.ts";
import type { Failure } from "./protocol.ts";

/** An exception as a record that can be cloned between threads. */
export function failureOf(error: unknown): Failure {
  if (error instanceof StudioError) return { problem: error.problem };
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
