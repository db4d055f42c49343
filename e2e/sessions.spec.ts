import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page, TestInfo } from "@playwright/test";
import { noiseClip } from "./noise-clip.ts";
import { expect, type StudioPage, sampleFile, test } from "./studio-page.ts";

/** Long enough to be in the middle of for a while. */
const LONG_SECONDS = 1200;

function clips(testInfo: TestInfo): string {
  const folder = testInfo.outputPath("clips");
  mkdirSync(folder);
  writeFileSync(join(folder, "a-short.wav"), noiseClip(1));
  writeFileSync(join(folder, "b-long.wav"), noiseClip(LONG_SECONDS));
  return folder;
}

/** Opens the three-part demo with two clips, decides something and calibrates up to the second clip. */
async function calibrating(studio: StudioPage, testInfo: TestInfo, keepFiles: boolean): Promise<Locator> {
  await studio.open();
  await studio.drop(sampleFile("three-part.onnx"), clips(testInfo));
  await studio.expectState("audio", "done");
  const caches = await studio.step("caches");
  await caches.getByRole("button", { name: /^Accept all/ }).click();
  if (keepFiles) await (await studio.step("model")).getByTestId("keep-files").check();
  const panel = await studio.step("calibrate");
  const second = panel.getByTestId("running-calibrate").filter({ hasText: "2 of 2: b-long.wav" }).waitFor();
  await panel.getByTestId("start-calibrate").click();
  await second;
  return panel;
}

/** Keys of what the page keeps in one store of its database. */
function kept(page: Page, store: string): Promise<string[]> {
  return page.evaluate(
    (name) =>
      new Promise<string[]>((resolve) => {
        const opening = indexedDB.open("rill");
        // Looking must not make the database that the page would make.
        opening.onupgradeneeded = () => opening.transaction?.abort();
        opening.onerror = () => resolve([]);
        opening.onsuccess = () => {
          const db = opening.result;
          if (!db.objectStoreNames.contains(name)) {
            db.close();
            resolve([]);
            return;
          }
          const keys = db.transaction(name).objectStore(name).getAllKeys();
          keys.onsuccess = () => {
            db.close();
            resolve(keys.result.map(String));
          };
        };
      }),
    store,
  );
}

const undoTitle = "Undo: accept all caches";

/** Two runtimes compile and a long clip runs twice, on a machine that may be busy. */
test.describe.configure({ timeout: 240_000 });

test("a reload in the middle of a calibration brings everything back and goes on with the next clip", async ({
  studio,
  page,
}, testInfo) => {
  await calibrating(studio, testInfo, true);
  const often = { intervals: [100] };
  await expect.poll(() => kept(page, "answers"), often).toContainEqual(expect.stringContaining(",found"));
  expect(await kept(page, "files")).toHaveLength(3);
  await page.reload();
  await studio.graph();
  await expect(page.getByTestId("model-name")).toHaveText("three-part.onnx");
  await expect(page.getByTestId("undo")).toHaveAttribute("title", undoTitle);
  // The new worker compiles its runtime first.
  const goingOn = page.getByTestId("running-calibrate").filter({ hasText: "2 of 2: b-long.wav" });
  await goingOn.waitFor({ timeout: 90_000 });
  await studio.expectState("calibrate", "done");
  await expect(studio.railStep("calibrate")).toContainText("2 clips");
  await expect(page.getByTestId("notices")).toHaveCount(0);

  // Without the files what was decided and found stays, and the same bytes go on under any name.
  const model = await studio.step("model");
  await model.getByTestId("keep-files").uncheck();
  await expect.poll(() => kept(page, "files")).toEqual([]);
  await expect.poll(() => kept(page, "answers")).toContainEqual(expect.stringContaining(",calibrate"));
  await page.reload();
  await expect(page.getByTestId("awaited-model")).toContainText("Drop three-part.onnx");
  await page.screenshot({ path: testInfo.outputPath("awaits-en.png") });
  await page.getByTestId("language").click();
  await page.screenshot({ path: testInfo.outputPath("awaits-zh.png") });
  await page.getByTestId("language").click();

  const renamed = testInfo.outputPath("renamed.onnx");
  copyFileSync(sampleFile("three-part.onnx"), renamed);
  await studio.drop(renamed);
  await studio.graph();
  await expect(page.getByTestId("undo")).toHaveAttribute("title", undoTitle);
  await studio.expectState("calibrate", "stale");
  const audio = await studio.step("audio");
  await expect(audio.getByTestId("awaited-clips").getByRole("listitem")).toHaveCount(2);
  await page.screenshot({ path: testInfo.outputPath("awaits-clips.png") });
  await studio.drop(testInfo.outputPath("clips"));
  await expect(audio.getByTestId("awaited-clips")).toHaveCount(0);
  await studio.expectState("calibrate", "done");
});

test("a worker that the browser ends is replaced, and the calibration ends as if nothing had been", async ({
  studio,
  page,
}, testInfo) => {
  const panel = await calibrating(studio, testInfo, false);
  // It never answers: a closed worker has nobody left to do so.
  for (const worker of page.workers()) void worker.evaluate(() => self.close()).catch(() => undefined);
  const notice = page.getByTestId("notices");
  await expect(notice).toContainText("1 of 2 clips are kept");
  await page.screenshot({ path: testInfo.outputPath("worker-lost.png") });
  await expect(panel.getByTestId("running-calibrate")).toContainText("2 of 2: b-long.wav");
  await studio.expectState("calibrate", "done");
  await expect(studio.railStep("calibrate")).toContainText("2 clips");
});

test("recent sessions open, are renamed and deleted; two tabs never share one", async ({
  studio,
  page,
  context,
}, testInfo) => {
  await studio.open();
  await page.getByTestId("try-sample").click();
  await studio.expectState("export", "done");
  await expect(page.getByTestId("saved")).toHaveAttribute("data-saved", "true");

  const second = await context.newPage();
  await second.goto(page.url());
  const row = second.getByTestId("recent-session");
  // The last answers are saved a moment after they came; the list is read when the page opens.
  await expect(async () => {
    await second.reload();
    await expect(row).toContainText("package verified", { timeout: 2000 });
  }).toPass({ timeout: 30_000 });
  await expect(row).toContainText("open in another tab");
  await second.close();

  await (await studio.step("model")).getByTestId("close-session").click();
  await expect(page.getByTestId("empty-state")).toBeVisible();
  const own = page.getByTestId("recent-session");
  await expect(own).toContainText("tone-tcn.onnx");
  await own.getByRole("button", { name: "Rename “tone-tcn.onnx”" }).click();
  await expect(own.getByRole("textbox")).toBeFocused();
  await page.keyboard.type("first try");
  await page.keyboard.press("Enter");
  await expect(own).toContainText("first try");
  await page.screenshot({ path: testInfo.outputPath("recent-en.png") });
  await page.getByTestId("language").click();
  await page.screenshot({ path: testInfo.outputPath("recent-zh.png") });
  await page.getByTestId("language").click();

  // The sample's files are the page's own: nothing has to be dropped, and no result is made again.
  await own.getByRole("button", { name: "first try" }).first().click();
  await studio.expectState("results", "done");
  await studio.step("model");
  await page.screenshot({ path: testInfo.outputPath("session-section.png") });
  await page.getByTestId("close-session").click();

  await own.getByRole("button", { name: "Delete “first try”" }).click();
  await expect(own).toHaveCount(0);
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(own).toHaveCount(1);
  await page.getByTestId("forget-all").click();
  await page.getByTestId("forget-all-yes").click();
  await expect(own).toHaveCount(0);
  expect(await kept(page, "sessions")).toEqual([]);
});

test("a reload right after a decision keeps it", async ({ studio, page }) => {
  await studio.open();
  await studio.drop(...["three-part.onnx", "three-part.rill.json"].map(sampleFile));
  await studio.expectState("splits", "done");
  await (await studio.step("model")).getByTestId("keep-files").check();
  await expect.poll(() => kept(page, "files")).toHaveLength(1);
  const splits = await studio.step("splits");
  await splits.getByRole("button", { name: "Remove the split at /part1/Relu" }).click();
  await page.reload();
  await studio.graph();
  await expect(page.getByTestId("undo")).toHaveAttribute("title", "Undo: remove split at /part1/Relu");
  await expect(page.getByTestId("panel-splits")).toBeVisible();
  await expect(page.getByTestId("notices")).toHaveCount(0);
});

test("a file that differs from the saved one is said to differ", async ({ studio, page }, testInfo) => {
  await studio.open();
  await studio.drop(sampleFile("three-part.onnx"));
  await studio.graph();
  await expect(page.getByTestId("saved")).toHaveAttribute("data-saved", "true");
  await page.reload();
  await expect(page.getByTestId("awaited-model")).toBeVisible();
  const other = testInfo.outputPath("three-part.onnx");
  writeFileSync(other, readFileSync(sampleFile("tone-tcn.onnx")));
  await studio.drop(other);
  await expect(page.getByTestId("notices")).toContainText(
    "“three-part.onnx” is not the model of the session “three-part.onnx”",
  );
  await studio.graph();
});
