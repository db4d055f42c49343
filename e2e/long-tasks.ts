import type { Page } from "@playwright/test";

export interface LongTaskWatch {
  /** Durations (ms) of the long tasks since the stage began to run and before its answer arrived. */
  whileRunning(): Promise<readonly number[]>;
}

/**
 * Listens for tasks of more than 50 ms on the page's main thread and for the states of one step of the rail. The task in
 * which the step becomes "done" also draws the answer; it is no longer part of the running.
 */
export async function watchLongTasks(page: Page, step: string): Promise<LongTaskWatch> {
  const watch = await page.evaluateHandle((testId) => {
    const tasks: { readonly from: number; readonly to: number }[] = [];
    const states: { readonly state: string | undefined; readonly at: number }[] = [];
    const take = (entries: readonly PerformanceEntry[]) => {
      for (const { startTime, duration } of entries) {
        tasks.push({ from: startTime, to: startTime + duration });
      }
    };
    const observer = new PerformanceObserver((list) => take(list.getEntries()));
    observer.observe({ type: "longtask" });
    const element = document.querySelector<HTMLElement>(`[data-testid="${testId}"]`);
    if (!element) throw new Error(`no ${testId}`);
    new MutationObserver(() => states.push({ state: element.dataset.state, at: performance.now() })).observe(
      element,
      { attributes: true, attributeFilter: ["data-state"] },
    );
    const read = () => {
      take(observer.takeRecords());
      const began = states.find((s) => s.state === "running")?.at;
      const ended = states.find((s) => s.state === "done")?.at;
      if (began === undefined || ended === undefined) throw new Error("the step has not run");
      return tasks.filter((t) => t.to > began && t.to <= ended).map((t) => t.to - t.from);
    };
    return { read };
  }, `step-${step}`);
  return { whileRunning: () => watch.evaluate((w) => w.read()) };
}
