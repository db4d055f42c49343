import { writeFileSync } from "node:fs";
import { watchLongTasks } from "./long-tasks.ts";
import { noiseClip } from "./noise-clip.ts";
import { expect, sampleFile, test } from "./studio-page.ts";

// A trace takes pictures of the page on its main thread.
test.use({ trace: "off" });

const CLIP_SECONDS = 300;
/** What the page itself does too long, it does every time; what another process takes away, it does not. */
const ATTEMPTS = 3;

test("the page never blocks for more than 50 ms while it calibrates", async ({ studio, page }, testInfo) => {
  const clip = testInfo.outputPath("noise.wav");
  writeFileSync(clip, noiseClip(CLIP_SECONDS));
  await studio.open();
  await studio.drop(...["three-part.onnx", "three-part.rill.json"].map(sampleFile), clip);
  await studio.expectState("calibrate", "ready");
  const panel = await studio.step("calibrate");

  const blocked: (readonly number[])[] = [];
  while (blocked.length < ATTEMPTS && blocked.at(-1)?.length !== 0) {
    const watch = await watchLongTasks(page, "calibrate");
    await panel.getByTestId("start-calibrate").click();
    await expect(panel.getByTestId("running-calibrate")).toBeVisible();
    await studio.expectState("calibrate", "done");
    blocked.push(await watch.whileRunning());
  }
  expect(blocked, "long tasks (ms) of each attempt").toContainEqual([]);
});
