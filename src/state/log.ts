import { createStore, type StoreApi } from "zustand/vanilla";
import type { StageFailure } from "./stage.ts";
import type { StageName } from "./stages.ts";

/** One line of the log: what happened to a stage, and when. */
export interface LogEntry {
  readonly id: number;
  /** Milliseconds since the page opened. */
  readonly atMs: number;
  readonly stage: StageName;
  readonly event: "started" | "done" | "stopped" | "failed";
  readonly tookMs?: number;
  readonly failure?: StageFailure;
}

export type LogStore = StoreApi<readonly LogEntry[]>;

/** Entries that the log keeps. */
const LOG_LENGTH = 500;

export function createLog(): LogStore {
  return createStore<readonly LogEntry[]>(() => []);
}

export function appendLog(log: LogStore, entry: Omit<LogEntry, "id">): void {
  const entries = log.getState();
  const id = (entries.at(-1)?.id ?? 0) + 1;
  log.setState([...entries, { ...entry, id }].slice(-LOG_LENGTH), true);
}
