import { join } from "node:path";
import { expect, test } from "./studio-page.ts";

test("a chip's choices: exponents on histograms, widths of nodes, caches, a budget", async ({
  studio,
  page,
}, testInfo) => {
  // The whole job, then a search for exponents.
  test.setTimeout(420_000);
  const shoot = async (name: string) => {
    const path = join(testInfo.project.outputDir, "screens", `choices-${name}.png`);
    await page.screenshot({ path, animations: "disabled" });
  };
  const inspector = page.getByTestId("inspector");
  const distribution = page.getByTestId("distribution-activation");
  await page.setViewportSize({ width: 1440, height: 1300 });
  await studio.open();
  await page.getByTestId("try-sample").click();
  await studio.expectState("export", "done");

  // The sum before a rectifier is never kept as integers, and says so.
  await studio.walkTo("Add");
  await page.getByRole("tab", { name: "Value" }).click();
  await expect(inspector).toContainText("it is computed together with its reader");

  // A value of the QDQ model: its histogram, the scale that it has, what is clipped and lost.
  await studio.walkTo("Relu");
  await page.getByRole("tab", { name: "Value" }).click();
  await expect(distribution).toContainText(/Scale · zero point[\d.]+ · −?\d+ · int8/);
  await expect(distribution).toContainText(/Clipped<?\d+\.\d\s% of [\d,]+ values/);
  await expect(distribution.getByTestId("range-choices")).toContainText("this model");
  await expect(page.getByTestId("distribution-stale")).toHaveCount(0);
  await distribution.getByRole("button", { name: "linear" }).click();
  await expect(distribution.getByRole("button", { name: "linear" })).toHaveAttribute("aria-pressed", "true");
  await distribution.getByRole("button", { name: "logarithmic" }).click();
  await shoot("qdq");

  // Kept in float: what that costs is said where it is chosen.
  await studio.walkTo("Conv");
  await page.getByRole("tab", { name: "Node" }).click();
  await expect(page.getByTestId("keep-float")).toContainText(/in float, about [\d.]+\sk?B as integers/);
  await page.getByTestId("keep-float").getByRole("checkbox").check();
  const calibrate = await studio.step("calibrate");
  await expect(calibrate.getByTestId("own-settings")).toContainText("float");
  await page.getByTestId("undo").click();
  await expect(calibrate.getByTestId("own-settings")).toHaveCount(0);

  // A chip: the width of one node, with its bytes; a copy in the list of settings, each way back.
  await calibrate.getByRole("radio", { name: /ESP32-S3 / }).check();
  const width = page.getByTestId("node-width");
  await expect(width).toContainText("Runs with 8 bits");
  await width.getByRole("combobox").selectOption("16");
  await expect(width).toContainText("Runs with 16 bits");
  await expect(page.getByTestId("width-cost")).toContainText(
    /\+[\d.]+\sKiB of flash, [+±−][\d.]+\sKiB of RAM/,
  );
  await expect(calibrate.getByTestId("own-settings")).toContainText("16 bits");
  await expect(page.getByTestId("undo")).toHaveAttribute("aria-label", /16 bits/);
  await shoot("width");
  await calibrate
    .getByTestId("own-settings")
    .getByRole("button", { name: /Take back/ })
    .click();
  await expect(width).toContainText("Runs with 8 bits");
  await page.getByTestId("undo").click();
  await expect(width).toContainText("Runs with 16 bits");

  // Caches inside or outside, weighed before they are chosen.
  const caches = calibrate.getByTestId("cache-form");
  await expect(caches).toContainText("0 inside, 6 as inputs and outputs");
  await caches.getByRole("combobox").selectOption("explicit");
  await expect(caches.locator("li[data-chosen=true]")).toContainText("Inputs and outputs");
  await page.getByTestId("undo").click();
  await expect(caches.locator("li[data-chosen=true]")).toContainText("Inside the files");

  // A budget instead of a choice by hand.
  await page.getByTestId("undo").click();
  await calibrate.getByRole("checkbox", { name: "Spend 16 bits where it pays" }).check();
  await calibrate.getByRole("combobox", { name: "Memory at most" }).selectOption("1.5");
  await expect(page.getByTestId("undo")).toHaveAttribute("aria-label", /budget for 16 bits/);
  await shoot("budget");
  await calibrate.getByRole("checkbox", { name: "Spend 16 bits where it pays" }).uncheck();

  const results = await studio.run("results");
  await expect(results.getByTestId("mode-table")).toContainText("Max error");
  await results.getByText(/How the exponents were found/).click();
  await expect(results).toContainText(/Started from: minmax −?[\d.]+\sdB/);
  await shoot("results");

  // The same value on the chip: its exponent, and what every other one would make of it.
  await studio.walkTo("Relu");
  await page.getByRole("tab", { name: "Value" }).click();
  await expect(distribution).toContainText(/Exponent−?\d+ · int/);
  await expect(distribution).toContainText(/Integers in use[\d,]+ of (256|65,536)/);
  await expect(distribution.getByTestId("range-choices").locator("tbody tr")).not.toHaveCount(0);
  await shoot("exponent");

  // What is shown stays, and says what it belongs to.
  await studio.step("calibrate");
  await calibrate.getByRole("combobox", { name: "Width", exact: true }).first().selectOption("16");
  await expect(page.getByTestId("distribution-stale").first()).toContainText("comparison with other inputs");
  await expect(distribution).toContainText(/Exponent−?\d+/);
  await page.getByTestId("undo").click();
  await expect(page.getByTestId("distribution-stale")).toHaveCount(0);
  const audio = await studio.step("audio");
  await audio.getByRole("checkbox").first().uncheck();
  await expect(page.getByTestId("distribution-stale").first()).toContainText("calibration with other inputs");
  await expect(distribution).toContainText("Clipped");
  await page.getByTestId("language").click();
  await page.getByTestId("theme").click();
  await page.getByTestId("theme").click();
  await expect(inspector).toContainText("可表示范围");
  await shoot("stale.zh.dark");
});
