import { readFileSync, writeFileSync } from "node:fs";
import { gzipSync, zipSync } from "fflate";
import { expect, sampleFile, test } from "./studio-page.ts";

const MODEL = readFileSync(sampleFile("three-part.onnx"));
const CLIP = readFileSync(sampleFile("vowels.wav"));

const LFS_POINTER = `version https://git-lfs.github.com/spec/v1
oid sha256:${"a3".repeat(32)}
size 27345
`;

/** Files that are not what their names say, and the code by which each is named. */
const BAD_MODELS = [
  { file: "pointer.onnx", code: "file.lfsPointer", bytes: Buffer.from(LFS_POINTER) },
  {
    file: "page.onnx",
    code: "file.html",
    bytes: Buffer.from("<!DOCTYPE html>\n<html><body>404</body></html>"),
  },
  { file: "packed.onnx", code: "file.gzip", bytes: gzipSync(MODEL) },
  { file: "archive.onnx", code: "file.foreign", bytes: Buffer.from(zipSync({ "model.onnx": MODEL })) },
  { file: "message.onnx", code: "file.foreign", bytes: Buffer.from("Entry not found\n") },
  { file: "empty.onnx", code: "file.empty", bytes: Buffer.alloc(0) },
  { file: "cut.onnx", code: "model.malformed", bytes: MODEL.subarray(0, MODEL.length - 1000) },
];

test("a bad model is named for what it is, and a good one opens after it", async ({
  studio,
  page,
}, testInfo) => {
  await studio.open();
  for (const { file, code, bytes } of BAD_MODELS) {
    const path = testInfo.outputPath(file);
    writeFileSync(path, bytes);
    await studio.drop(path);
    // Two of them have the same code: by its name each is told from the one before.
    const problem = page
      .locator(`[data-testid="problem"][data-code="${code}"]`)
      .filter({ hasText: file })
      .first();
    await expect(problem, code).toBeVisible();
    await expect(problem.getByRole("paragraph")).toHaveCount(2);
  }
  await studio.drop(sampleFile("three-part.onnx"));
  await studio.graph();
  await expect(page.getByTestId("problem")).toHaveCount(0);
});

test("bad files do not cost the work on the open model", async ({ studio, page }, testInfo) => {
  await studio.open();
  await studio.drop(...["three-part.onnx", "three-part.rill.json", "vowels.wav"].map(sampleFile));
  await studio.expectState("splits", "done");
  await studio.expectState("audio", "done");
  await studio.run("calibrate");
  const splits = await studio.step("splits");
  await expect(splits.getByTestId("module-table").getByRole("row")).toHaveCount(4);

  for (const { file, code, bytes } of BAD_MODELS) {
    const path = testInfo.outputPath(file);
    writeFileSync(path, bytes);
    await studio.drop(path);
    const problem = page.locator(`[data-testid="problem"][data-code="${code}"]`).filter({ hasText: file });
    await expect(problem.first(), code).toBeVisible();
  }
  const broken = testInfo.outputPath("broken.wav");
  writeFileSync(broken, CLIP.subarray(0, 20));
  const text = testInfo.outputPath("notes.txt");
  writeFileSync(text, "not a model");
  await studio.drop(broken, text);
  await expect(page.getByTestId("notices").locator('[data-code="file.foreign"]')).toBeVisible();

  await page.getByTestId("tab-problems").click();
  const problems = page.getByTestId("problems");
  await expect(problems.locator('[data-code="audio.malformed"]')).toContainText("broken.wav");
  const audio = await studio.step("audio");
  await expect(audio.getByRole("checkbox", { name: "Use broken.wav" })).toBeDisabled();
  await expect(audio.getByRole("checkbox", { name: "Use vowels.wav" })).toBeChecked();

  await audio.getByRole("button", { name: "Remove broken.wav" }).click();
  await page.getByRole("button", { name: "Dismiss" }).click();
  await expect(page.locator('[data-code="audio.malformed"]')).toHaveCount(0);
  await expect(page.getByTestId("notices")).toHaveCount(0);
  await expect(page.getByTestId("model-name")).toHaveText("three-part.onnx");
  await studio.step("splits");
  await expect(splits.getByTestId("module-table").getByRole("row")).toHaveCount(4);
  await studio.expectState("calibrate", "done");

  // What came with a model and is no part of it is told too.
  await studio.drop(sampleFile("tone-tcn.onnx"), text);
  await expect(page.getByTestId("notices").locator('[data-code="file.unused"]')).toContainText("notes.txt");
});

test("a plan for another model is refused and changes nothing", async ({ studio, page }) => {
  await studio.open();
  await studio.drop(sampleFile("three-part.onnx"));
  await studio.graph();
  await studio.drop(sampleFile("tone-tcn.rill.json"));
  await expect(page.getByTestId("notices").locator('[data-code="plan.otherModel"]')).toBeVisible();
  await expect(page.getByTestId("undo")).toBeDisabled();
});
