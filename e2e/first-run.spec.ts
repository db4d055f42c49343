import type { Page, TestInfo } from "@playwright/test";
import { ownProject } from "./own-model.ts";
import { openModules, readPackage, rerunVectors } from "./run-package.ts";
import { expect, test } from "./studio-page.ts";

/** A first visit must not ask for more. */
const MOST_INTERACTIONS = 11;

/** What somebody does and sees who has read nothing: every act is counted, every sight is kept as a picture. */
class Newcomer {
  interactions = 0;
  private readonly page: Page;
  private readonly info: TestInfo;
  private sights = 0;

  constructor(page: Page, info: TestInfo) {
    this.page = page;
    this.info = info;
  }

  /** One click, one key or one choice of files. */
  async act(sentence: string, action: () => Promise<unknown>): Promise<void> {
    this.interactions++;
    await test.step(`${this.interactions}. ${sentence}`, action);
  }

  /** What is on the page afterwards, in words; asks nothing of the visitor. */
  async see(sentence: string, look: () => Promise<unknown>): Promise<void> {
    await test.step(`sees: ${sentence}`, look);
    const path = this.info.outputPath(`${String(this.sights++).padStart(2, "0")}.png`);
    await this.page.screenshot({ path, animations: "disabled" });
    await this.info.attach(sentence, { path, contentType: "image/png" });
  }
}

async function chooseFiles(page: Page, button: string, files: readonly string[]): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: button, exact: true }).click();
  await (await chooser).setFiles([...files]);
}

test("from an empty browser to a verified package of an own model", async ({ studio, page }, info) => {
  const own = ownProject();
  const newcomer = new Newcomer(page, info);
  await page.goto("/");

  await newcomer.see(
    "one sentence that says what this is, one big button, and that nothing leaves the computer",
    async () => {
      await expect(page.getByRole("heading", { name: /offline ONNX model into a streaming/ })).toBeVisible();
      await expect(page.getByRole("button", { name: "Open a model" })).toBeFocused();
      await expect(page.getByRole("main").getByText("All processing stays on this computer")).toBeVisible();
    },
  );
  await newcomer.act("clicks “Open a model” and chooses the model", () =>
    chooseFiles(page, "Open a model", [own.model]),
  );
  await newcomer.see("the model as a picture, its inputs and outputs, and eight numbered steps", async () => {
    await studio.graph();
    await expect(page.getByRole("button", { name: "knock-detector.onnx", exact: true })).toBeVisible();
    await expect(page.getByRole("region", { name: "Model" })).toContainText("mel");
    await expect(page.getByRole("navigation", { name: "Steps" }).getByRole("listitem")).toHaveCount(8);
  });
  const rail = page.getByRole("navigation", { name: "Steps" });
  await newcomer.act("clicks the step “Time axis”", () =>
    rail.getByRole("button", { name: /Time axis/ }).click(),
  );
  await newcomer.see("that time was found on axis 2", async () => {
    await expect(page.getByRole("radio", { name: "axis 2" })).toBeChecked();
  });
  await newcomer.act("clicks the step “Caches”", () => rail.getByRole("button", { name: /Caches/ }).click());
  const caches = page.getByRole("region", { name: "Caches" });
  await newcomer.see("two proposed caches, each with its reason", async () => {
    await expect(caches.getByText("proposed", { exact: true })).toHaveCount(2);
  });
  await newcomer.act("accepts both", () => caches.getByRole("button", { name: /^Accept all/ }).click());
  await newcomer.see("that both are accepted", async () => {
    await expect(caches.getByText("accepted", { exact: true })).toHaveCount(2);
  });
  await newcomer.act("clicks the step “Audio”", () => rail.getByRole("button", { name: /Audio/ }).click());
  await newcomer.act("adds two recordings", () => chooseFiles(page, "Add clips…", own.clips));
  await newcomer.see("both recordings with length and level", async () => {
    const audio = page.getByRole("region", { name: "Audio" });
    await expect(audio.getByText("voices.wav")).toBeVisible();
    await expect(audio.getByText("kitchen-noise.wav")).toBeVisible();
  });
  await newcomer.act("clicks “Run everything”", () =>
    rail.getByRole("button", { name: "Run everything" }).click(),
  );
  await newcomer.see("every step checked off and a package that was opened again and verified", async () => {
    await studio.expectState("export", "done");
    const panel = page.getByRole("region", { name: "Export" });
    await expect(panel.getByText("Verified")).toBeVisible();
    await expect(panel.getByText("run_stream.py")).toBeVisible();
  });
  await newcomer.act("clicks the step “Results”", () =>
    rail.getByRole("button", { name: /Results/ }).click(),
  );
  await newcomer.see("three verdicts in plain words", async () => {
    const results = page.getByRole("region", { name: "Results" });
    await expect(results.getByText(/equals offline on every frame/)).toBeVisible();
    await expect(results.getByText(/Every integer is equal/)).toBeVisible();
  });
  await newcomer.act("clicks the step “Export”", () => rail.getByRole("button", { name: /Export/ }).click());
  let bytes: Uint8Array = new Uint8Array();
  await newcomer.act("clicks “Download”", async () => {
    ({ bytes } = await studio.download());
  });
  const opened = readPackage(bytes);
  expect(opened.manifest.modules.flatMap((m) => m.caches)).toHaveLength(2);
  for (const precision of ["float", "int8"] as const) {
    const { compared, mismatches } = await rerunVectors(opened, await openModules(opened, precision));
    expect(compared).toBeGreaterThan(0);
    expect(mismatches).toEqual([]);
  }
  expect(newcomer.interactions).toBeLessThanOrEqual(MOST_INTERACTIONS);
  expect(studio.strayRequests("plain")).toEqual([]);
});
