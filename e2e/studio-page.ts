import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test as base, expect, type Locator, type Page } from "@playwright/test";
import { addressOf, type ServerName } from "../test/servers.ts";
import { ROOT } from "../test/source-imports.ts";

/** Long enough for a whole calibration on a slow, busy machine. */
const WORK_MS = 90_000;

export type Step = "model" | "axis" | "caches" | "splits" | "audio" | "calibrate" | "results" | "export";

/** The studio as its user sees it, and a record of everything that must not happen behind it. */
export class StudioPage {
  readonly page: Page;
  /** Addresses of every request of the visit. */
  readonly requests: string[] = [];
  /** Console errors, uncaught errors, failed requests and bad answers, in order. */
  readonly complaints: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on("request", (request) => this.requests.push(request.url()));
    page.on("requestfailed", (request) =>
      this.complaints.push(`request ${request.url()}: ${request.failure()?.errorText}`),
    );
    page.on("response", (response) => {
      if (response.status() >= 400) this.complaints.push(`${response.status()} ${response.url()}`);
    });
    page.on("pageerror", (error) => this.complaints.push(`page: ${error.stack ?? error.message}`));
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(`console: ${message.text()}`);
    });
    // With somebody who listens for life, the browser asks for files through Playwright from the start: begun together with
    // the press that asks for them, that may come too late.
    page.on("filechooser", () => {});
  }

  async open(server: ServerName = "plain"): Promise<void> {
    await this.page.goto(addressOf(server));
    await expect(this.page.getByRole("button", { name: /^(Try the sample|试用示例)/ })).toBeVisible();
  }

  /** Drops files or folders of the disk on the middle of the window, through the browser's own drag and drop. */
  drop(...paths: readonly string[]): Promise<void> {
    return this.dropAt(0.5, ...paths);
  }

  /** As `drop`, at this portion of the window's width. */
  async dropAt(across: number, ...paths: readonly string[]): Promise<void> {
    const { width, height } = this.page.viewportSize() ?? { width: 1440, height: 900 };
    const client = await this.page.context().newCDPSession(this.page);
    const data = { items: [], files: [...paths], dragOperationsMask: 1 };
    // A busy page answers late whether it takes what is over it; let go before, it is not dropped.
    for (const type of ["dragEnter", "dragOver", "dragOver", "drop"] as const) {
      await client.send("Input.dispatchDragEvent", { type, x: width * across, y: height / 2, data });
      if (type !== "drop") await this.nextFrame();
    }
    await client.detach();
  }

  /** Whatever was decided before is painted, and what is said of it with the frame after. */
  nextFrame(): Promise<void> {
    return this.page.evaluate(
      () => new Promise<void>((done) => requestAnimationFrame(() => requestAnimationFrame(() => done()))),
    );
  }

  /** Opens a step of the rail and gives its panel. */
  async step(step: Step): Promise<Locator> {
    await this.railStep(step).click();
    const panel = this.page.getByTestId(`panel-${step}`);
    await expect(panel).toBeVisible();
    return panel;
  }

  railStep(step: Step): Locator {
    return this.page.getByTestId(`step-${step}`);
  }

  async expectState(step: Step, state: string): Promise<void> {
    await expect(this.railStep(step)).toHaveAttribute("data-state", state, { timeout: WORK_MS });
  }

  /** The model's picture, laid out. */
  async graph(): Promise<Locator> {
    const graph = this.page.getByTestId("graph");
    await expect(graph).toHaveAttribute("data-ready", "true", { timeout: WORK_MS });
    return graph;
  }

  /** Where the selected box is on the page, once the view has come to rest: a place read in flight is not there any more. */
  async selectedBox(): Promise<{ readonly x: number; readonly y: number }> {
    // The mark follows the selection with the next drawing.
    await this.nextFrame();
    await expect(this.page.getByTestId("graph")).not.toHaveAttribute("data-moving");
    const box = await this.page.getByTestId("graph-selected").boundingBox();
    if (!box) throw new Error("nothing is selected");
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }

  /** Walks the graph with the arrow keys until the spoken description of the current stop names `label`. */
  async walkTo(label: string): Promise<void> {
    const graph = await this.graph();
    const stops = Number(await graph.getAttribute("data-node-count")) + 4;
    const current = this.page.getByTestId("graph-current");
    const passed: (string | null)[] = [];
    await graph.focus();
    for (let i = 0; i < stops; i++) {
      await this.page.keyboard.press("ArrowDown");
      passed.push(await current.getAttribute("aria-label"));
      if (passed.at(-1)?.includes(label)) return;
    }
    throw new Error(`${label} is none of the stops of the graph:\n${passed.join("\n")}`);
  }

  /** Clicks the button of a step that starts its work and waits for the answer. */
  async run(step: "calibrate" | "results" | "export"): Promise<Locator> {
    const button = { calibrate: "calibrate", results: "compare", export: "package" }[step];
    const panel = await this.step(step);
    // Else the answer of before would be taken for that of this run.
    await expect(this.railStep(step)).not.toHaveAttribute("data-state", "done");
    await panel.getByTestId(`start-${button}`).click();
    await this.expectState(step, "done");
    return panel;
  }

  /** Saves the verified package and gives its name and bytes. */
  async download(): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
    const waiting = this.page.waitForEvent("download");
    await this.page.getByTestId("download").click();
    const download = await waiting;
    return { name: download.suggestedFilename(), bytes: new Uint8Array(readFileSync(await download.path())) };
  }

  /** Requests that left the place from which the studio was served. */
  strayRequests(server: ServerName): string[] {
    const home = addressOf(server);
    return this.requests.filter((url) => !/^(data|blob):/.test(url) && !url.startsWith(home));
  }
}

/** Tests with a studio that must stay silent: no error on the page or in the console, no failed request. */
export const test = base.extend<{ readonly studio: StudioPage }>({
  studio: async ({ page }, use) => {
    const studio = new StudioPage(page);
    await use(studio);
    expect(studio.complaints).toEqual([]);
  },
});

export { expect };

/** A file of the project's own samples. */
export const sampleFile = (name: string): string => join(ROOT, "public", "samples", name);
