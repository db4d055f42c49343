import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../test/source-imports.ts";
import { readPackage } from "./run-package.ts";
import { expect, sampleFile, test } from "./studio-page.ts";
import { zipDifference } from "./zip-difference.ts";

test("the sample on an ESP32-S3: memory, errors on the graph, a verified package", async ({
  studio,
  page,
}, testInfo) => {
  // The whole job twice: in the studio, with a search for exponents, and once more on the command line.
  test.setTimeout(300_000);
  const shoot = async (name: string) => {
    const path = join(testInfo.project.outputDir, "screens", `chip-${name}.png`);
    await page.screenshot({ path, animations: "disabled" });
  };
  await studio.open();
  await page.getByTestId("try-sample").click();
  await studio.expectState("export", "done");

  const calibrate = await studio.step("calibrate");
  await calibrate.getByRole("radio", { name: /ESP32-S3 / }).check();
  await expect(calibrate.getByTestId("chip-fit")).toContainText("Every operator has a kernel at 8 bits");
  await expect(calibrate.getByTestId("chip-fit")).toContainText(/RAM: [\d.]+\sKiB of 512\sKiB SRAM/);
  await expect(calibrate.getByTestId("target-picker")).toContainText("fits");
  await shoot("calibrate");
  await studio.expectState("results", "stale");

  // Every choice can be taken back.
  await calibrate.getByRole("combobox", { name: "Width" }).selectOption("16");
  await expect(calibrate.getByTestId("chip-fit")).toContainText("at 16 bits");
  await page.getByTestId("undo").click();
  await expect(calibrate.getByTestId("chip-fit")).toContainText("at 8 bits");

  const results = await studio.run("results");
  await expect(results.getByTestId("verdict-int8")).toContainText("int8 on ESP32-S3 against float");
  await expect(results.getByTestId("verdict-integer")).toContainText("Every integer is equal");
  await expect(results.getByTestId("mode-table")).toContainText(/\d\sdB/);

  await page.getByTestId("tab-errors").click();
  const rows = page.getByTestId("error-table").locator("tbody tr");
  await expect(rows.first()).toBeVisible();
  // The table and the graph share a selection.
  await rows.nth(1).click();
  await expect(rows.nth(1)).toHaveAttribute("aria-selected", "true");
  const graph = await studio.graph();
  await graph.press("h");
  await expect(page.getByTestId("heat-legend")).toContainText("SQNR, accumulated");
  await graph.press("h");
  await expect(page.getByTestId("heat-legend")).toContainText("SQNR, own error");
  await graph.press("0");
  await studio.nextFrame();
  await expect(graph).not.toHaveAttribute("data-moving");
  await shoot("errors");
  await page.getByTestId("heat-legend").getByRole("slider").fill("30");
  await expect(page.getByTestId("heat-legend")).toContainText("30 dB");

  await studio.step("calibrate");
  await expect(calibrate.getByTestId("distribution-range")).toBeVisible();
  await expect(calibrate.getByTestId("distribution-range")).toContainText(/Exponent−?\d+ · int8/);
  await shoot("exponent");

  await studio.run("export");
  await expect(page.getByTestId("package-verdict")).toContainText("Verified");
  const { name, bytes } = await studio.download();
  expect(name).toBe("tone-tcn-esp32-s3.zip");
  await shoot("export");
  await page.getByTestId("language").click();
  await page.getByTestId("theme").click();
  await page.getByTestId("theme").click();
  await studio.step("results");
  await shoot("results.zh.dark");
  await studio.step("calibrate");
  await shoot("calibrate.zh.dark");

  // The command line makes the same bytes from the plan in the package.
  const plan = testInfo.outputPath("plan.rill.json");
  const output = testInfo.outputPath("from-the-command-line.zip");
  writeFileSync(plan, readPackage(bytes).files["plan.rill.json"] ?? "");
  const clips = ["tones-and-sweeps.wav", "vowels.wav", "mixed.wav"].map(sampleFile);
  const words = ["package", sampleFile("tone-tcn.onnx"), "--data", ...clips, "--plan", plan, "-o", output];
  await promisify(execFile)("npm", ["run", "--silent", "rill", "--", ...words], { cwd: ROOT });
  expect(zipDifference(bytes, readFileSync(output))).toEqual([]);
});
