import { join } from "node:path";
import type { Page } from "@playwright/test";
import { type Language, STEPS, type ThemeChoice } from "../src/state/view.ts";
import { expect, type StudioPage, sampleFile, test } from "./studio-page.ts";

/** What must be in sight before a step is pictured: its panels load on demand, its answers come from a worker. */
const SHOWN = {
  model: { panel: "outline" },
  axis: { panel: "axis-x" },
  caches: { panel: "cache-list" },
  splits: { panel: "schedule-grid" },
  audio: { panel: "clip-list", tab: "audio", drawer: "clip-picture" },
  calibrate: { panel: "distribution-range", tab: "layers", drawer: "layer-table" },
  results: { panel: "verdict-integer", tab: "plots", drawer: "plots" },
  export: { panel: "package-files", tab: "log", drawer: "log" },
} as const;

const PICTURES = [
  { language: "en", theme: "light", steps: STEPS },
  { language: "zh-CN", theme: "light", steps: STEPS },
  { language: "en", theme: "dark", steps: ["model", "splits", "calibrate", "results"] },
  { language: "zh-CN", theme: "dark", steps: ["results"] },
] as const satisfies readonly {
  language: Language;
  theme: ThemeChoice;
  steps: readonly (typeof STEPS)[number][];
}[];

for (const { language, theme, steps } of PICTURES) {
  test(`every step in ${language}, ${theme}`, async ({ studio, page }, testInfo) => {
    const shoot = async (name: string) => {
      const path = join(testInfo.project.outputDir, "screens", `${name}.${language}.${theme}.png`);
      await page.screenshot({ path, animations: "disabled" });
      await testInfo.attach(name, { path, contentType: "image/png" });
    };
    await prefer(page, language, theme);
    await studio.open();
    await shoot("0-empty");
    await runThreeParts(studio);
    await studio.walkTo("Conv part2");
    for (const step of steps) {
      const panel = await studio.step(step);
      const shown = SHOWN[step];
      await expect(panel.getByTestId(shown.panel)).toBeVisible();
      await setDrawer(page, "tab" in shown);
      if ("tab" in shown) {
        await page.getByTestId(`tab-${shown.tab}`).click();
        await expect(page.getByTestId(shown.drawer)).toBeVisible();
      }
      if (step === "results") await expect(page.getByTestId("plots").getByRole("figure")).toHaveCount(3);
      await (await studio.graph()).press("0");
      await expectFits(page);
      await shoot(`${STEPS.indexOf(step) + 1}-${step}`);
    }
  });
}

async function prefer(page: Page, language: Language, theme: ThemeChoice): Promise<void> {
  const view = JSON.stringify({ version: 1, view: { language, theme } });
  await page.addInitScript((kept) => localStorage.setItem("rill.view", kept), view);
}

async function runThreeParts(studio: StudioPage): Promise<void> {
  const files = [
    "three-part.onnx",
    "three-part.rill.json",
    "tones-and-sweeps.wav",
    "vowels.wav",
    "mixed.wav",
  ];
  await studio.drop(...files.map(sampleFile));
  await studio.expectState("audio", "done");
  await studio.page.getByTestId("run-all").click();
  await studio.expectState("export", "done");
}

async function setDrawer(page: Page, open: boolean): Promise<void> {
  const drawer = page.getByTestId("drawer");
  if ((await drawer.getAttribute("data-open")) !== String(open))
    await page.getByTestId("toggle-drawer").click();
  await expect(drawer).toHaveAttribute("data-open", String(open));
}

/** Nothing may hang over the window, and no text of the step's panel over the panel; the grip of its divider may. */
async function expectFits(page: Page): Promise<void> {
  const overhang = await page.evaluate(() => {
    const { documentElement: root } = document;
    const panel = document.querySelector('[data-testid^="panel-"] > div');
    return [root.scrollWidth - root.clientWidth, panel ? panel.scrollWidth - panel.clientWidth : 0];
  });
  expect(overhang).toEqual([0, 0]);
}
