import { type Problem, StudioError } from "../core/base/problem.ts";
import { stableJson } from "../core/base/stable-json.ts";
import type { Job } from "../engine/ports.ts";
import { explain, explainApproximation } from "../explain/explain.ts";

/** Exit codes of `rill`. */
export const EXIT = { verified: 0, notVerified: 1, problem: 2, bug: 3 } as const;

/** Where a command writes; tests collect it. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Replaces the line of progress; absent where nobody watches. */
  progress?(line: string): void;
}

export const PROCESS_TERMINAL: Terminal = {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  ...(process.stderr.isTTY && { progress: (line) => process.stderr.write(`\r\u001b[K${line}`) }),
};

/** A job that shows its progress on the terminal. */
export function terminalJob<Progress>(
  terminal: Terminal,
  line: (progress: Progress) => string,
): Job<Progress> {
  return {
    report: (progress) => terminal.progress?.(line(progress)),
    checkpoint: () => Promise.resolve(),
    now: () => performance.now(),
  };
}

/** One JSON object on standard output. */
export function printJson(terminal: Terminal, value: object): void {
  terminal.out(stableJson(value));
}

/** Rows as aligned columns. */
export function columns(rows: readonly (readonly (string | number)[])[]): string {
  const texts = rows.map((row) => row.map(String));
  const widths: number[] = [];
  for (const row of texts) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  const line = (row: readonly string[]) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join("  ");
  return texts.map((row) => `${`  ${line(row)}`.trimEnd()}\n`).join("");
}

/** What to type so that something stands in for a refused node, one line each. */
export function offersText(problem: Problem): string {
  if (problem.code !== "stream.refused" || !problem.offers) return "";
  const { node, offers } = problem;
  return columns(offers.map((word) => [`--approximate '${node}=${word}'`, explainApproximation(word, "en")]));
}

/** Prints a problem as `code: sentence`, a bug with its stack; answers the exit code. */
export function report(error: unknown, terminal: Terminal): number {
  terminal.progress?.("");
  if (error instanceof StudioError) {
    terminal.err(`${error.problem.code}: ${explain(error.problem, "en")}\n${offersText(error.problem)}`);
    const failed = error.problem.code === "package.mismatch" || error.problem.code === "package.checksum";
    return failed ? EXIT.notVerified : EXIT.problem;
  }
  terminal.err(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.bug;
}
