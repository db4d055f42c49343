import type { Browser } from "@playwright/test";

interface TraceEvent {
  readonly name: string;
  readonly cat: string;
  readonly pid: number;
  readonly tid: number;
  /** µs. */
  readonly ts: number;
  /** µs of the thread's CPU, of a complete event. */
  readonly tdur?: number;
}

/** Names that the page gives to the two ends of a span: `performance.mark`. */
export interface SpanMarks {
  readonly from: string;
  readonly to: string;
}

/** Tasks of a thread, as Chromium's scheduler runs them. */
const TASK = "ThreadControllerImpl::RunTask";

/**
 * Traces the browser while `act` runs. Answers the CPU ms that the marking thread used in every span, in order: all tasks from the
 * one in which the span begins to the one in which it ends. A frame is one task: its callbacks, style, layout, paint and commit. (A
 * reading asked for from outside comes as much as a frame later, and counts what follows too.)
 */
export async function traceSpans(
  browser: Browser,
  { from, to }: SpanMarks,
  act: () => Promise<void>,
): Promise<number[]> {
  const session = await browser.newBrowserCDPSession();
  const events: TraceEvent[] = [];
  session.on("Tracing.dataCollected", ({ value }) => {
    for (const event of value) events.push(event as unknown as TraceEvent);
  });
  const done = new Promise<void>((resolve) => session.once("Tracing.tracingComplete", () => resolve()));
  await session.send("Tracing.start", {
    transferMode: "ReportEvents",
    traceConfig: { includedCategories: ["toplevel", "blink.user_timing"] },
  });
  await act();
  await session.send("Tracing.end");
  await done;
  await session.detach();
  return spansOf(events, { from, to });
}

function spansOf(events: readonly TraceEvent[], { from, to }: SpanMarks): number[] {
  const marks = (name: string) => events.filter((e) => e.name === name).sort((a, b) => a.ts - b.ts);
  const ends = marks(to);
  return marks(from).map((start, i) => {
    const end = ends[i];
    if (!end || end.pid !== start.pid || end.tid !== start.tid) throw new Error(`${from} without ${to}`);
    const tasks = events
      .filter((e) => e.name === TASK && e.pid === start.pid && e.tid === start.tid)
      .sort((a, b) => a.ts - b.ts);
    const index = (at: number) => tasks.findLastIndex((task) => task.ts <= at);
    const span = tasks.slice(index(start.ts), index(end.ts) + 1);
    return span.reduce((sum, task) => sum + (task.tdur ?? 0), 0) / 1000;
  });
}
