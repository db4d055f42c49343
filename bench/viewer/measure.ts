import type { Browser, CDPSession, Page } from "@playwright/test";
import { traceSpans } from "./trace-frames.ts";

/** What is measured of one model in a fresh page; times are CPU ms of the page's process unless they say otherwise. */
export interface ViewerTimes {
  /** From the drop of the file until the graph is drawn, its own worker included. */
  readonly openMs: number;
  /** From there until the page is quiet: the model is analysed, converted and saved. */
  readonly followMs: number;
  /** Longest time meanwhile for which the page answered nothing; wall ms, so only an idle machine tells. 0 below 50 ms. */
  readonly blockedMs: number;
  /** Main thread, a frame. */
  readonly panMs: number;
  /** Main thread, from the press of a key that does nothing until the next frame: what delivering a key and measuring cost. */
  readonly keyMs: number;
  /** Main thread, from the press of C until the frame that shows the mark is painted; without `keyMs`, which no mark can save. */
  readonly markMs: number;
  /** Main thread, from there until the page is quiet: the worker's new conversion arrives and is shown, the session is saved. */
  readonly settleMs: number;
  readonly recolourMs: number;
  readonly searchMs: number;
  /** JavaScript heap of the page after a collection, without the worker's. */
  readonly heapMB: number;
}

const PAN_FRAMES = 40;
/** Accepted, removed, proposed again. */
const MARK_STATES = 3;
const MARK_ROUNDS = 4;
/** In every round one of a key that does nothing, and one for every state. */
const PRESSES = MARK_ROUNDS * (1 + MARK_STATES);
const isIdle = (press: number): boolean => press % (1 + MARK_STATES) === 0;
/** What the page's trace calls the press and the frame that follows it. */
const [PRESSED, PAINTED] = ["rill.pressed", "rill.painted"];
/** Each press changes the mark of the selected box. */
const MARK_KEY = { key: "c", code: "KeyC", windowsVirtualKeyCode: 67 };
/** Typed so often; what is found follows by the second frame. */
const SEARCH_KEY = { key: "1", code: "Digit1", windowsVirtualKeyCode: 49 };
const SEARCHES = 4;
/** Nothing is bound to it. */
const NOTHING_KEY = { key: "b", code: "KeyB", windowsVirtualKeyCode: 66 };
/** Longer than the conversion of the largest graph and the wait before a save. */
const QUIET_MS = 1500;

/** Opens a model by drag and drop in a page of its own and measures what a user does with it. */
export async function measureModel(browser: Browser, address: string, file: string): Promise<ViewerTimes> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    // A first visit fills the cache for offline use meanwhile, which is not the viewer's.
    serviceWorkers: "block",
  });
  const page = await context.newPage();
  try {
    await page.goto(address);
    await page.getByRole("button", { name: /^Try the sample/ }).waitFor();
    const cdp = await context.newCDPSession(page);
    await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
    const blocked = await watchLongTasks(page);
    const drawn = await untilDrawn(page);
    const before = await metric(cdp, "ProcessTime");
    await drop(page, cdp, file);
    await drawn();
    // Of the page's process alone: the browser may start another one for a later page meanwhile.
    const openMs = 1000 * ((await metric(cdp, "ProcessTime")) - before);
    // What the worker goes on doing (where could this stream?) is not waited for; nor may it block the page.
    await page.waitForTimeout(QUIET_MS);
    const followMs = 1000 * ((await metric(cdp, "ProcessTime")) - before) - openMs;
    const blockedMs = await blocked();
    await page.locator('[data-testid="graph"]').focus();
    await page.keyboard.press("f");
    await page.waitForTimeout(600);
    const panMs = (await onMain(cdp, page, () => pan(page))) / PAN_FRAMES;
    await page.keyboard.press("ArrowDown");
    await page.waitForTimeout(400);
    const wholes: number[] = [];
    const spans = await traceSpans(browser, { from: PRESSED, to: PAINTED }, async () => {
      for (let i = 0; i < PRESSES; i++)
        wholes.push(await press(cdp, page, isIdle(i) ? NOTHING_KEY : MARK_KEY));
    });
    // The goal speaks of the mark: both presses are measured alike, and what the idle one costs is the browser's and ours.
    const keyMs = Math.min(...spans.filter((_, i) => isIdle(i)));
    const isMark = (_: number, i: number): boolean => !isIdle(i);
    const markMs = dearestState(spans.filter(isMark)) - keyMs;
    const settleMs = dearestState(wholes.map((whole, i) => whole - (spans[i] ?? 0)).filter(isMark));
    const overlay = page.getByTestId("overlay");
    const recolourMs = await best(3, async () => {
      await overlay.selectOption("none");
      await frames(page, 3);
      return onMain(cdp, page, () => overlay.selectOption("time"));
    });
    const search = page.getByRole("searchbox").first();
    await search.focus();
    const typed = await traceSpans(browser, { from: PRESSED, to: PAINTED }, async () => {
      for (let i = 0; i < SEARCHES; i++) await press(cdp, page, SEARCH_KEY, 2);
    });
    const searchMs = Math.min(...typed);
    await cdp.send("HeapProfiler.collectGarbage");
    const heapMB = (await metric(cdp, "JSHeapUsedSize")) / 1e6;
    return { openMs, followMs, blockedMs, panMs, keyMs, markMs, settleMs, recolourMs, searchMs, heapMB };
  } finally {
    await context.close();
  }
}

async function watchLongTasks(page: Page): Promise<() => Promise<number>> {
  const longest = await page.evaluateHandle(() => {
    const seen = { ms: 0 };
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.ms = Math.max(seen.ms, duration);
    }).observe({ type: "longtask" });
    return seen;
  });
  return () => longest.evaluate(({ ms }) => ms);
}

/** Resolves two frames after the graph is drawn. Watched for in the page: asking from outside comes up to half a second late. */
async function untilDrawn(page: Page): Promise<() => Promise<void>> {
  const drawn = await page.evaluateHandle(() => ({
    seen: (async () => {
      while (!document.querySelector('[data-testid="graph"][data-ready="true"]'))
        await new Promise((resolve) => requestAnimationFrame(resolve));
      for (let i = 0; i < 2; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
    })(),
  }));
  return () => drawn.evaluate(({ seen }) => seen);
}

/** Main-thread ms that an action takes with the two frames that follow it. */
async function onMain(cdp: CDPSession, page: Page, act: () => Promise<unknown>): Promise<number> {
  const before = await metric(cdp, "TaskDuration");
  await act();
  await frames(page, 2);
  return 1000 * ((await metric(cdp, "TaskDuration")) - before);
}

/** One press of a key, marked in the trace with the frame that ends it; main-thread ms until the page is quiet. */
async function press(cdp: CDPSession, page: Page, key: typeof MARK_KEY, frameCount = 1): Promise<number> {
  const now = async () => 1000 * (await metric(cdp, "TaskDuration"));
  await page.evaluate(
    ([pressed, painted, count]) => {
      addEventListener(
        "keydown",
        () => {
          performance.mark(pressed);
          // The picture is drawn in the frame after the key.
          requestAnimationFrame(() => {
            if (count === 1) performance.mark(painted);
            else requestAnimationFrame(() => performance.mark(painted));
          });
        },
        { once: true, capture: true },
      );
    },
    [PRESSED, PAINTED, frameCount] as const,
  );
  const before = await now();
  await cdp.send("Input.dispatchKeyEvent", { type: "keyDown", text: key.key, ...key });
  await cdp.send("Input.dispatchKeyEvent", { type: "keyUp", ...key });
  await page.waitForTimeout(QUIET_MS);
  return (await now()) - before;
}

/** Of every state that a mark goes through the best measurement; of these the worst. */
function dearestState(values: readonly number[]): number {
  const bests = Array.from({ length: MARK_STATES }, (_, state) =>
    Math.min(...values.filter((_, i) => i % MARK_STATES === state)),
  );
  return Math.max(...bests);
}

async function metric(cdp: CDPSession, name: string): Promise<number> {
  const { metrics } = await cdp.send("Performance.getMetrics");
  return metrics.find((m) => m.name === name)?.value ?? Number.NaN;
}

async function best(runs: number, measure: () => Promise<number>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) least = Math.min(least, await measure());
  return least;
}

async function frames(page: Page, count: number): Promise<void> {
  await page.evaluate(async (n) => {
    for (let i = 0; i < n; i++) await new Promise((resolve) => requestAnimationFrame(resolve));
  }, count);
}

/** One wheel step per frame, as a finger on a trackpad gives them. */
async function pan(page: Page): Promise<void> {
  await page.evaluate(async (count) => {
    const graph = document.querySelector('[data-testid="graph"]');
    for (let i = 0; i < count; i++) {
      const deltaY = i < count / 2 ? 30 : -30;
      graph?.dispatchEvent(new WheelEvent("wheel", { deltaY, bubbles: true, cancelable: true }));
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  }, PAN_FRAMES);
}

async function drop(page: Page, cdp: CDPSession, file: string): Promise<void> {
  const { width, height } = page.viewportSize() ?? { width: 1440, height: 900 };
  const data = { items: [], files: [file], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"] as const)
    await cdp.send("Input.dispatchDragEvent", { type, x: width / 2, y: height / 2, data });
}
