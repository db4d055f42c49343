import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { STEPS } from "../src/state/view.ts";
import { zhCN } from "../src/ui/i18n/messages.ts";
import { noiseClip } from "./noise-clip.ts";
import { openModules, readPackage, rerunVectors } from "./run-package.ts";
import { expect, type StudioPage, sampleFile, test } from "./studio-page.ts";

const GATE = "/part0/gate/Mul";
const POINTWISE = "/part1/Relu";
const CLIPS = ["tones-and-sweeps.wav", "vowels.wav", "mixed.wav"];

async function openThreeParts(studio: StudioPage): Promise<void> {
  await studio.open();
  await studio.drop(...["three-part.onnx", "three-part.rill.json", ...CLIPS].map(sampleFile));
  await studio.graph();
  await studio.expectState("splits", "done");
  await studio.expectState("audio", "done");
}

test("the three-part model comes with two split points, three modules and a rotation", async ({
  studio,
  page,
}) => {
  await openThreeParts(studio);
  const splits = await studio.step("splits");
  for (const value of [GATE, POINTWISE]) {
    await expect(splits.getByTestId(`split-${value}`)).toContainText("1 tensor");
    await expect(page.getByTestId(`split-chip-${value}`)).toBeVisible();
  }
  await expect(splits.getByTestId("module-table").getByRole("row")).toHaveCount(4);
  await expect(splits.getByTestId("schedule-table").getByRole("row", { name: /· used/ })).toContainText(
    "one module per step",
  );
  const grid = splits.getByTestId("schedule-grid");
  for (const module of [0, 1, 2]) {
    // A chunk is full at step 2; then one module runs per step, and again three steps later.
    const cells = grid
      .getByRole("row")
      .nth(module + 1)
      .getByRole("cell");
    await expect(cells.nth(2 + module)).toContainText("■");
    await expect(cells.nth(module)).not.toContainText("■");
  }

  await page.getByTestId("run-all").click();
  await studio.expectState("export", "done");
  await expect(page.getByTestId("package-verdict")).toContainText("Verified");
  const opened = readPackage((await studio.download()).bytes);
  expect(opened.manifest.modules.map((m) => m.startStep)).toEqual([2, 3, 4]);
  for (const precision of ["float", "int8"] as const) {
    expect((await rerunVectors(opened, await openModules(opened, precision))).mismatches).toEqual([]);
  }
});

test("marks are undone and redone by keys, and every mark can be made with the keyboard", async ({
  studio,
  page,
}) => {
  await openThreeParts(studio);
  const splits = await studio.step("splits");
  const modules = splits.getByTestId("module-table").getByRole("row");
  await splits.getByRole("button", { name: `Remove the split at ${POINTWISE}` }).click();
  await expect(modules).toHaveCount(3);
  await page.getByTestId(`split-chip-${GATE}`).click();
  await expect(modules).toHaveCount(2);
  await expect(splits).toContainText("Not split: one module.");

  await page.keyboard.press("Control+z");
  await page.keyboard.press("Control+z");
  await expect(modules).toHaveCount(4);
  await expect(page.getByTestId("undo")).toBeDisabled();
  await page.keyboard.press("Control+Shift+z");
  await expect(modules).toHaveCount(3);
  await expect(page.getByRole("button", { name: `Redo: remove split at ${GATE}` })).toBeEnabled();
  await page.keyboard.press("Control+Shift+z");
  await expect(modules).toHaveCount(2);

  await studio.walkTo("Mul part0/gate");
  await page.keyboard.press("s");
  await expect(splits.getByTestId(`split-${GATE}`)).toBeVisible();

  const caches = await studio.step("caches");
  const cache = caches.getByTestId(`cache-${POINTWISE}`);
  await expect(cache).toContainText("proposed");
  await studio.walkTo("Relu part1");
  for (const state of ["accepted", "removed", "proposed"]) {
    await page.keyboard.press("c");
    await expect(cache).toContainText(state);
  }
});

test("files come by the picker too, and a click selects what is drawn under it", async ({ studio, page }) => {
  await studio.open();
  const choosing = page.waitForEvent("filechooser");
  await page.getByTestId("open").click();
  await (await choosing).setFiles([sampleFile("three-part.onnx"), sampleFile("vowels.wav")]);
  await studio.expectState("audio", "done");

  await studio.walkTo("Sigmoid part0/gate");
  const selected = page.getByTestId("graph-selected");
  const { x, y } = await studio.selectedBox();
  await page.keyboard.press("Escape");
  await expect(selected).toHaveCount(0);
  await page.mouse.click(x, y);
  await expect(selected).toBeVisible();
  const inspector = page.getByRole("complementary", { name: "Inspector" });
  await expect(inspector.getByRole("heading", { name: "Sigmoid" })).toBeVisible();
});

test("a removed cache makes the answers stale, then approximate, and says so", async ({ studio, page }) => {
  await openThreeParts(studio);
  await studio.run("calibrate");
  const results = await studio.run("results");
  const parity = results.getByTestId("verdict-parity");
  await expect(parity).toContainText("equals offline on every frame");

  const caches = await studio.step("caches");
  await caches
    .getByRole("button", { name: /^Remove the cache on/ })
    .first()
    .click();
  await expect(caches).toContainText("1 removed: the result is approximate");
  await studio.expectState("calibrate", "stale");
  await studio.expectState("results", "stale");
  await studio.step("results");
  await expect(results.getByTestId("stale-compare")).toContainText("Out of date");
  await expect(parity, "old answers stay in sight").toContainText("equals offline on every frame");

  await studio.run("calibrate");
  await studio.run("results");
  await expect(parity).toContainText("approximate");
  await expect(results.getByTestId("stale-compare")).toHaveCount(0);
  await page.keyboard.press("Control+z");
  await studio.expectState("results", "stale");
});

test("every text of the page changes with the language, which is kept for the next visit", async ({
  studio,
  page,
}) => {
  await openThreeParts(studio);
  await expect(studio.railStep("calibrate")).toContainText("Calibrate");
  await page.getByRole("button", { name: "切换到中文" }).click();
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  for (const step of STEPS) await expect(studio.railStep(step)).toContainText(zhCN[`step.${step}`]);
  await expect((await studio.step("caches")).getByRole("button", { name: /^全部接受/ })).toBeVisible();
  await expect(page.getByRole("application", { name: "three-part.onnx" })).toHaveAttribute(
    "aria-roledescription",
    zhCN["graph.role"],
  );
  await page.reload();
  await expect(page.getByTestId("try-sample")).toContainText("示例");
  await page.getByTestId("language").click();
  await expect(page.locator("html")).toHaveAttribute("lang", "en");
});

test("a cancelled calibration keeps the clips that were finished", async ({ studio }, testInfo) => {
  const folder = testInfo.outputPath("clips");
  mkdirSync(folder);
  writeFileSync(join(folder, "a-short.wav"), noiseClip(1));
  writeFileSync(join(folder, "b-long.wav"), noiseClip(1200));
  await studio.open();
  await studio.drop(sampleFile("three-part.onnx"), folder);
  await studio.expectState("audio", "done");
  const audio = await studio.step("audio");
  await expect(audio.getByTestId("clip-list").getByRole("listitem")).toHaveCount(2);

  const panel = await studio.step("calibrate");
  // Watched in the page, frame by frame: polling from outside may miss a clip that takes a second.
  const second = panel.getByTestId("running-calibrate").filter({ hasText: "2 of 2: b-long.wav" }).waitFor();
  await panel.getByTestId("start-calibrate").click();
  await second;
  await panel.getByRole("button", { name: "Cancel, keep finished clips" }).click();
  await expect(panel).toContainText("Partial: 1 clip finished, others not");
  await expect(studio.railStep("calibrate")).toContainText("partial");
  await expect(panel.getByTestId("statistic-table").getByRole("row").nth(1)).toBeVisible();
  await expect(panel.getByTestId("start-calibrate")).toHaveText("Calibrate the other clips");
});
