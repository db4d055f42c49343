import { openModules, readPackage, rerunVectors } from "./run-package.ts";
import { expect, test } from "./studio-page.ts";

test("balance the sample into three modules, compare before with after, and pack it", async ({
  studio,
  page,
}, testInfo) => {
  await studio.open();
  await page.getByTestId("try-sample").click();
  await studio.expectState("export", "done");

  const splits = await studio.step("splits");
  await splits.getByLabel("Input frames per step").fill("3");
  await splits.getByLabel("Input frames per step").press("Enter");
  const count = splits.getByTestId("module-count");
  // What can be reached depends on the chunk: the advice for this one first.
  await expect(splits.getByTestId("balance")).toBeEnabled();
  while (!(await count.textContent())?.startsWith("3")) {
    const shown = await count.textContent();
    const more = Number.parseInt(shown ?? "", 10) < 3;
    await splits.getByRole("button", { name: more ? "One module more" : "One module fewer" }).press("Enter");
    await expect(count).not.toHaveText(shown ?? "");
  }
  await splits.getByTestId("balance").click();
  await expect(splits.getByTestId("module-table").getByRole("row")).toHaveCount(4);

  const load = splits.getByTestId("load-table");
  const cells = async (name: string) => load.getByRole("row", { name }).getByRole("cell").allTextContents();
  const [before, after] = await cells("Peak MAC");
  const number = (text: string | undefined) =>
    Number.parseFloat(text ?? "") * (text?.endsWith("M") ? 1e6 : text?.endsWith("k") ? 1e3 : 1);
  expect(number(after)).toBeGreaterThan(0);
  expect(number(after)).toBeLessThan(0.6 * number(before));
  expect(await cells("Oldest frame out")).toEqual([
    expect.stringMatching(/^2\sframes · .*ms$/),
    expect.stringMatching(/^4\sframes · .*ms$/),
  ]);
  await expect(splits.getByTestId("schedule-grid")).toBeVisible();

  // A suggestion shows its cut on the graph; accepting it is one step that can be undone.
  await expect(splits.getByTestId("suggestions")).toHaveAttribute("aria-busy", "false");
  const suggestion = splits.getByTestId("suggestions").getByRole("listitem").first();
  const show = suggestion.getByRole("button").first();
  await show.click();
  await expect(show).toHaveAttribute("aria-pressed", "true");
  await page.screenshot({ path: testInfo.outputPath("splits.png") });
  await suggestion.getByRole("button", { name: /^Split/ }).click();
  await expect(splits.getByTestId("module-table").getByRole("row")).toHaveCount(5);
  await page.keyboard.press("Control+z");
  await expect(splits.getByTestId("module-table").getByRole("row")).toHaveCount(4);

  await studio.expectState("calibrate", "done");
  await studio.run("results");
  await expect(page.getByTestId("verdict-parity")).toContainText("equals offline on every frame");
  await studio.run("export");
  await expect(page.getByTestId("package-verdict")).toContainText("Verified");
  const opened = readPackage((await studio.download()).bytes);
  expect(opened.manifest.modules).toHaveLength(3);
  expect(opened.manifest.modules.map((m) => m.startStep)).toEqual([2, 3, 4]);
  for (const precision of ["float", "int8"] as const) {
    const { compared, mismatches } = await rerunVectors(opened, await openModules(opened, precision));
    expect(compared).toBeGreaterThan(0);
    expect(mismatches).toEqual([]);
  }
});
