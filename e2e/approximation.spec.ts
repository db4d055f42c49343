import { writeFileSync } from "node:fs";
import { encodeNpy } from "../src/core/format/npy/encode-npy.ts";
import { encodeModel } from "../src/core/format/onnx/encode-model.ts";
import { noise } from "../test/array-clip.ts";
import { GraphSketch } from "../test/stream-lab.ts";
import { expect, test } from "./studio-page.ts";

/** A convolution, normalised over all of time. */
function normalised(): Uint8Array {
  const g = new GraphSketch();
  const x = g.input("x", [1, 4, "T"]);
  const affine = [g.constant("scale", noise([6], 3)), g.constant("shift", noise([6], 5))];
  const norm = g.op("InstanceNormalization", [g.conv(x, [6, 4, 3], { pads: [2, 0] }), ...affine], {}, "norm");
  return encodeModel(g.model([g.op("Relu", [norm], {}, "y")]));
}

test("a refused node: its offers, one click, an approximate verdict with its measured error, and back", async ({
  studio,
  page,
}, testInfo) => {
  const model = testInfo.outputPath("normalised.onnx");
  const clip = testInfo.outputPath("clip.npy");
  writeFileSync(model, normalised());
  writeFileSync(clip, encodeNpy(noise([1, 4, 240], 7)));
  await studio.open();
  await studio.drop(model);
  await studio.graph();
  await page.getByRole("tab", { name: /Problems/ }).click();
  const problem = page.locator('[data-testid="problem"][data-code="stream.refused"]');
  await expect(problem).toContainText("InstanceNormalization at norm cannot stream exactly");
  await expect(problem.getByRole("button", { name: "Use" })).toHaveCount(4);
  await page.screenshot({ path: testInfo.outputPath("refused.png") });

  const window = problem.getByTestId("remedy-window");
  await problem.getByLabel("Frames of window").fill("50");
  await window.click();
  await expect(problem).toHaveCount(0);
  await expect(page.getByTestId("approximated-norm")).toContainText("the last 50 frames");

  await studio.drop(clip);
  await studio.run("calibrate");
  const results = await studio.run("results");
  await expect(results.getByTestId("verdict-parity")).toContainText("approximate");
  await expect(results.getByTestId("approximation-errors")).toContainText(/off by up to 0\.\d+ of the range/);
  await page.screenshot({ path: testInfo.outputPath("approximate.png") });
  const exported = await studio.run("export");
  await expect(exported.getByTestId("download")).toBeVisible();

  await page.getByRole("tab", { name: /Problems/ }).click();
  await page.getByTestId("approximated-norm").getByRole("button", { name: "Remove" }).click();
  await expect(problem).toBeVisible();
  await page.keyboard.press("Control+z");
  await expect(page.getByTestId("approximated-norm")).toBeVisible();
});
