import { join } from "node:path";
import type { Page } from "@playwright/test";
import { readPackage } from "./run-package.ts";
import { expect, test } from "./studio-page.ts";

test("16 bits under a budget: searched in the page to the end, told step by step, and packaged", async ({
  studio,
  page,
}, testInfo) => {
  // The whole job, then a search that computes every trial on the device twin, on a slow, busy machine.
  test.setTimeout(600_000);
  const shoot = async (name: string) => {
    const path = join(testInfo.project.outputDir, "screens", `budget-${name}.png`);
    await page.screenshot({ path, animations: "disabled" });
  };
  await page.setViewportSize({ width: 1440, height: 1100 });
  await studio.open();
  await page.getByTestId("try-sample").click();
  await studio.expectState("export", "done");

  const calibrate = await studio.step("calibrate");
  await calibrate.getByRole("radio", { name: /ESP32-S3 / }).check();
  await calibrate.getByRole("checkbox", { name: "Spend 16 bits where it pays" }).check();
  await calibrate.getByRole("combobox", { name: "Memory at most" }).selectOption("1.5");
  await calibrate.getByRole("combobox", { name: "Cycles at most" }).selectOption("1.5");
  await shoot("chosen");

  const panel = await studio.step("results");
  // A stray Escape asks; the second one ends the work, and what was shown before stays.
  await panel.getByTestId("start-compare").click();
  await expect(panel.getByTestId("running-compare")).toBeVisible();
  await expect(studio.railStep("results")).toHaveAttribute("data-state", "running");
  await page.keyboard.press("Escape");
  // The question stands for a few seconds: nothing else is looked at meanwhile.
  await expect(page.getByTestId("status")).toContainText("Press Esc again to cancel");
  await page.keyboard.press("Escape");
  await expect(panel.getByTestId("running-compare")).toHaveCount(0);
  await expect(studio.railStep("results")).toHaveAttribute("data-state", "stale");

  const percents = await watchBar(page);
  await panel.getByTestId("start-compare").click();
  await expect(panel.getByTestId("running-compare")).toContainText(
    "Searching exponents and widths: 16 bits where they pay",
    { timeout: 60_000 },
  );
  await expect(panel.getByTestId("running-compare")).toContainText(/about \d+\s%/);
  await shoot("searching");
  await expect(studio.railStep("results")).toHaveAttribute("data-state", "done", { timeout: 400_000 });

  await test.step("its bar only grew, over all stages", async () => {
    const seen = await percents();
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen[0]).toBeLessThan(10);
    expect(seen.at(-1)).toBeGreaterThan(80);
  });

  await test.step("the verdict says that two widths stand beside each other", async () => {
    await expect(panel.getByTestId("verdict-int8")).toContainText("int8/16 on ESP32-S3 against float");
    await expect(studio.railStep("results")).toContainText("int8/16");
  });

  await test.step("the trace: every step gained, and the sums agree with its two ends", async () => {
    const trace = panel.getByRole("region", { name: "Where 16 bits went" });
    await trace.scrollIntoViewIfNeeded();
    await expect(trace).toContainText(/Without: [\d.]+\sdB, [\d.]+\sKiB, [\d,]+ cycles/);
    await expect(trace).toContainText(/With: [\d.]+\sdB, [\d.]+\sKiB, [\d,]+ cycles, after [\d,]+ trials/);
    await expect(trace).toContainText("Stopped:");
    const [, from = "", fromKib = ""] =
      /Without: ([\d.]+)\sdB, ([\d.]+)\sKiB/.exec((await trace.textContent()) ?? "") ?? [];
    const [, to = "", toKib = ""] =
      /With: ([\d.]+)\sdB, ([\d.]+)\sKiB/.exec((await trace.textContent()) ?? "") ?? [];
    expect(Number(to)).toBeGreaterThan(Number(from));
    expect(Number(toKib)).toBeLessThanOrEqual(1.5 * Number(fromKib));
    await expect(trace.getByTestId("width-trace").locator("tbody tr")).not.toHaveCount(0);
    await shoot("trace");
    // A step selects the operator that it widened.
    await trace.getByTestId("width-trace").locator("tbody tr").first().click();
    await expect(page.getByTestId("graph-current")).toHaveCount(1);
    await expect(page.getByTestId("width-by-budget")).toContainText(/16 bits wide: step 1, \+/);
  });

  await test.step("ESP-PPQ stands beside it, in the model's own width", async () => {
    const sqnr = page.getByTestId("mode-table").getByRole("row", { name: /^SQNR/ });
    await expect(sqnr).toContainText(/dB.*dB/, { timeout: 120_000 });
    await expect(panel).toContainText("its column has 8 bits everywhere");
  });

  await test.step("the errors' table and the inspector know the widths", async () => {
    await page.getByTestId("tab-errors").click();
    const rows = page.getByTestId("error-table").locator("tbody tr");
    // One operator after the other is examined behind the comparison.
    await expect(rows.locator("td").filter({ hasText: /^16$/ })).not.toHaveCount(0, { timeout: 120_000 });
    await expect(rows.locator("td").filter({ hasText: /^8$/ })).not.toHaveCount(0);
    await shoot("widths");
    await page.getByTestId("tab-layers").click();
    const chosen = page.getByTestId("layer-table").locator("select").filter({ hasText: "16 (budget)" });
    await expect(chosen).not.toHaveCount(0);
    await shoot("layers");
  });

  await studio.run("export");
  await expect(page.getByTestId("package-verdict")).toContainText("Verified");
  const { bytes } = await studio.download();
  const { files } = readPackage(bytes);
  const plan = JSON.parse(new TextDecoder().decode(files["plan.rill.json"]));
  expect(plan.budget).toEqual({ bytes: 1.5, cycles: 1.5 });
  await shoot("export");
  await page.getByTestId("language").click();
  await page.getByTestId("theme").click();
  await page.getByTestId("theme").click();
  await studio.step("results");
  await page.getByRole("region", { name: "16 位用在了哪里" }).scrollIntoViewIfNeeded();
  await shoot("trace.zh.dark");
});

/** Writes down every percentage that the comparison's bar shows from now on. */
async function watchBar(page: Page): Promise<() => Promise<number[]>> {
  const seen = await page.evaluateHandle(() => {
    const percents: number[] = [];
    const look = () => {
      const bar = document.querySelector("[data-testid=running-compare] [role=progressbar]");
      const percent = bar?.getAttribute("aria-valuenow");
      if (percent) percents.push(Number(percent));
    };
    const changes = { subtree: true, childList: true, attributeFilter: ["aria-valuenow"] };
    new MutationObserver(look).observe(document.body, changes);
    return percents;
  });
  return () => seen.jsonValue();
}
