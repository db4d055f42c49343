import { copyFileSync, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeModel } from "../src/core/format/onnx/encode-model.ts";
import { makeModel } from "../src/core/format/onnx/make-model.ts";
import { encodeWav } from "../src/core/format/wav/encode-wav.ts";
import { intsAttribute, makeNode } from "../src/core/ir/graph.ts";
import { externalModel } from "../test/external-model.ts";
import { expect, sampleFile, test } from "./studio-page.ts";

/** Time stands last in one input of the sum, and in the middle of the other. */
function conflictFile(): Uint8Array {
  const shape = [1, 4, "T"];
  return encodeModel(
    makeModel(
      {
        name: "conflict",
        inputs: [{ name: "x", dtype: "float32", shape }],
        outputs: [{ name: "sum", dtype: "float32" }],
        initializers: new Map(),
        nodes: [
          makeNode("Relu", ["x"], ["plain"]),
          makeNode("Transpose", ["plain"], ["turned"], { perm: intsAttribute([0, 2, 1]) }),
          makeNode("Add", ["plain", "turned"], ["sum"]),
        ],
        values: new Map(),
      },
      { opset: 17 },
    ),
  );
}

test("missing weights are named, and a second drop brings them", async ({ studio, page }, testInfo) => {
  const folder = testInfo.outputPath("external");
  mkdirSync(folder);
  writeFileSync(join(folder, "m.onnx"), externalModel(["a.bin", "weights/b.bin"]));
  writeFileSync(join(folder, "a.bin"), new Uint8Array(4));
  writeFileSync(join(folder, "b.bin"), new Uint8Array(4));
  await studio.open();
  await studio.drop(join(folder, "m.onnx"));
  const missing = page.locator('[data-code="model.externalMissing"]');
  await expect(missing.first()).toContainText("a.bin, weights/b.bin");
  await studio.drop(join(folder, "a.bin"));
  await expect(missing.first()).not.toContainText("a.bin,");
  await expect(missing.first()).toContainText("weights/b.bin");
  await studio.drop(join(folder, "b.bin"));
  await studio.graph();
  await expect(missing).toHaveCount(0);
});

test("a model of more bytes than a worker holds is refused with both sizes", async ({
  studio,
  page,
}, testInfo) => {
  const file = testInfo.outputPath("huge.onnx");
  writeFileSync(file, "");
  // A hole: no disk holds these bytes.
  truncateSync(file, 6.2e9);
  await studio.open();
  await studio.drop(file);
  const problem = page.locator('[data-code="file.tooBig"]');
  await expect(problem.first()).toContainText("6.2\u00a0GB");
  await expect(problem.first()).toContainText("4.3\u00a0GB");
  await studio.drop(sampleFile("tone-tcn.onnx"));
  await studio.graph();
});

test("a model that changed on the disk is asked for again; the work stays", async ({
  studio,
  page,
}, testInfo) => {
  const file = testInfo.outputPath("changing.onnx");
  copyFileSync(sampleFile("tone-tcn.onnx"), file);
  await studio.open();
  await studio.drop(file, sampleFile("vowels.wav"));
  await studio.expectState("splits", "done");
  await studio.expectState("audio", "done");
  writeFileSync(file, "being written");
  const panel = await studio.step("calibrate");
  await panel.getByTestId("start-calibrate").click();
  await expect(panel.locator('[data-code="file.unreadable"]')).toContainText("changing.onnx");
  await expect(page.getByTestId("model-name")).toHaveText("changing.onnx");
  await studio.graph();
});

test("clips that are silent or of another rate are listed; the problem leads to the clip", async ({
  studio,
  page,
}, testInfo) => {
  const clip = (name: string, rateHz: number, level: number) => {
    const samples = Float32Array.from({ length: rateHz }, (_, i) => (i % 20 < 10 ? level : -level));
    const path = testInfo.outputPath(name);
    writeFileSync(path, encodeWav({ rateHz, channels: [samples] }, "int16"));
    return path;
  };
  await studio.open();
  await studio.drop(
    sampleFile("tone-tcn.onnx"),
    clip("loud.wav", 44_100, 0.3),
    clip("zero.wav", 16_000, 0),
    clip("far.wav", 16_000, 0.002),
  );
  await studio.expectState("audio", "done");
  await page.getByTestId("tab-problems").click();
  const list = page.getByTestId("problems");
  await expect(list.locator('[data-code="audio.quiet"]')).toContainText("54 dB below");
  await expect(list.locator('[data-code="audio.resampled"]')).toContainText("44.1 kHz");
  const silent = list.locator('[data-code="audio.silent"]');
  await silent.getByTestId("place").click();
  const audio = page.getByTestId("panel-audio");
  await expect(audio.locator('[data-selected="true"]')).toContainText("zero.wav");
  await page.screenshot({ path: testInfo.outputPath("clips.png") });
});

test("a conflict of time axes shows both ways, and leads to its node", async ({ studio, page }, testInfo) => {
  const file = testInfo.outputPath("conflict.onnx");
  writeFileSync(file, conflictFile());
  await studio.open();
  await studio.drop(file);
  await studio.graph();
  const axis = await studio.step("axis");
  await axis.getByRole("radio").last().check();
  await page.getByTestId("tab-problems").click();
  const conflict = page.getByTestId("problems").locator('[data-code="stream.refused"]');
  await expect(conflict).toContainText("x → plain[·,·,T]; x → plain → turned[·,T,·]");
  await conflict.getByTestId("place").click();
  await expect(page.getByTestId("graph-current")).toHaveAttribute("aria-label", /^Add/);
  await page.screenshot({ path: testInfo.outputPath("conflict.png") });
});

test("a runtime that cannot be loaded is named, and no model blamed", async ({ studio, page }) => {
  await page.route("**/*.wasm", (route) =>
    route.fulfill({ body: "blocked", contentType: "application/wasm" }),
  );
  await studio.open();
  await studio.drop(...["tone-tcn.onnx", "vowels.wav"].map(sampleFile));
  await studio.expectState("audio", "done");
  await studio.expectState("splits", "done");
  const panel = await studio.step("calibrate");
  await panel.getByTestId("start-calibrate").click();
  await expect(panel.locator('[data-code="runtime.notLoaded"]')).toBeVisible();
  // The runtime says the same in the console.
  studio.complaints.splice(0);
});
