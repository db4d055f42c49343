import { join } from "node:path";
import { expect, test } from "./studio-page.ts";

test("several ops are selected by keys and clicks, marked as one step, and hot ones are visited worst first", async ({
  studio,
  page,
}, info) => {
  const shoot = (name: string) =>
    page.screenshot({
      path: join(info.project.outputDir, "screens", `several-${name}.png`),
      animations: "disabled",
    });
  await studio.open();
  await page.getByTestId("try-sample").click();
  await studio.expectState("export", "done");
  const graph = await studio.graph();
  const current = page.getByTestId("graph-current");
  const several = page.getByTestId("several");
  const undo = page.getByTestId("undo");

  // Arrows with Shift take ops in, and on the way back out again.
  await studio.walkTo("Conv");
  for (let i = 0; i < 3; i++) await page.keyboard.press("Shift+ArrowDown");
  await expect(several).toContainText("4 selected");
  await expect(current).toHaveAttribute("aria-label", /4 selected/);
  await page.keyboard.press("Shift+ArrowUp");
  await expect(several).toContainText("3 selected");
  await page.keyboard.press("x");
  await expect(several).toContainText("3 of 3");
  await expect(undo).toHaveAttribute("aria-label", /float for 3 ops/);
  await shoot("float");
  await page.keyboard.press("Control+z");
  await expect(several).toContainText(/Float0 of 3/);
  await page.keyboard.press("s");
  await expect(undo).toHaveAttribute("aria-label", /3 splits/);
  await page.keyboard.press("Control+z");
  await expect(graph).toBeFocused();
  // The conversion that follows draws its own numbers.
  await studio.nextFrame();
  await expect(page.getByTestId("totals")).toHaveAttribute("data-stale", "false");

  // U and D show the ways of all of them, F brings all of them into sight, and then everything.
  const drawn = async () => {
    await studio.nextFrame();
    await expect(graph).not.toHaveAttribute("data-moving");
    return page.getByTestId("graph-canvas").evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
  };
  await page.keyboard.press("f");
  const near = await drawn();
  await studio.selectedBox();
  await shoot("near");
  await page.keyboard.press("u");
  await expect.poll(drawn).not.toBe(near);
  const upstream = await drawn();
  await shoot("upstream");
  await page.keyboard.press("d");
  await expect.poll(drawn).not.toBe(upstream);
  expect(await drawn()).not.toBe(near);
  await shoot("downstream");
  await page.keyboard.press("d");
  await expect.poll(drawn).toBe(near);
  await page.keyboard.press("f");
  await expect.poll(drawn).not.toBe(near);
  const whole = await drawn();
  await page.keyboard.press("0");
  await expect.poll(drawn).toBe(whole);

  await page.keyboard.press("Escape");
  await expect(several).toHaveCount(0);
  await expect(current).not.toHaveAttribute("aria-label", /selected/);
  await page.keyboard.press("Space");
  await expect(current).toHaveCount(0);
  // With nothing selected D moves the picture, as Shift+D always does; A moves it back.
  const still = await drawn();
  for (const key of ["d", "Shift+d"]) {
    await page.keyboard.press(key);
    await expect.poll(drawn).not.toBe(still);
    await page.keyboard.press("a");
    await expect.poll(drawn).toBe(still);
  }
  await page.keyboard.press("Space");
  await expect(current).toHaveCount(1);

  // The outline and the layers table do the same with Shift.
  await studio.step("model");
  const rows = page.getByTestId("outline").getByRole("option");
  await rows.nth(1).click();
  await rows.nth(3).click({ modifiers: ["Shift"] });
  await expect(several).toContainText("2 selected");
  await expect(page.getByTestId("outline").getByRole("option", { selected: true })).toHaveCount(2);
  if ((await page.getByTestId("drawer").getAttribute("data-open")) === "false")
    await page.getByTestId("toggle-drawer").click();
  await page.getByTestId("drawer").getByRole("tab", { name: "Layers" }).click();
  const layers = page.getByTestId("layer-table").locator("tbody tr");
  await layers.nth(5).click({ modifiers: ["Shift"] });
  await expect(several).toContainText("3 selected");
  await expect(page.getByTestId("layer-table").locator("tr[aria-selected=true]")).toHaveCount(3);
  await shoot("tables");
  await page.getByTestId("toggle-drawer").click();

  // A Shift+click on the canvas takes in what lies under it.
  await page.keyboard.press("Escape");
  await graph.focus();
  await page.keyboard.press("Escape");
  await expect(several).toHaveCount(0);
  await page.keyboard.press("0");
  const { x, y } = await studio.selectedBox();
  await page.keyboard.press("Escape");
  await expect(current).toHaveCount(0);
  await page.mouse.click(x, y);
  await expect(current).toHaveCount(1);
  await page.keyboard.down("Shift");
  await page.mouse.click(x, y);
  await page.keyboard.up("Shift");
  await expect(current).toHaveCount(0);

  // A rectangle drawn with Shift takes in every box that it holds.
  const pane = await graph.boundingBox();
  if (!pane) throw new Error("no graph");
  await page.keyboard.down("Shift");
  await page.mouse.move(pane.x + 4, pane.y + 4);
  await page.mouse.down();
  await page.mouse.move(pane.x + pane.width / 2, pane.y + pane.height - 4, { steps: 4 });
  await shoot("band");
  await page.mouse.up();
  await page.keyboard.up("Shift");
  await expect(several).toContainText(/\d+ selected/);
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await expect(current).toHaveCount(0);

  // Ctrl+F is the browser's own in a text field, and searches here.
  await graph.focus();
  await page.keyboard.press("Control+f");
  await expect(page.getByRole("searchbox").first()).toBeFocused();

  // In a heat map N goes from the worst to the harmless.
  await graph.focus();
  await page.keyboard.press("Escape");
  await page.keyboard.press("h");
  await expect(page.getByTestId("heat-legend")).toContainText("SQNR");
  const decibels: number[] = [];
  let before: string | null = null;
  await page.getByTestId("toggle-drawer").click();
  for (let i = 0; i < 4; i++) {
    await graph.focus();
    await page.keyboard.press("n");
    const row = page.getByTestId("layer-table").locator("tr[aria-selected=true]");
    await expect(row).toHaveCount(1);
    await expect.poll(() => current.getAttribute("aria-label")).not.toBe(before);
    before = await current.getAttribute("aria-label");
    const text = await row.textContent();
    decibels.push(Number.parseFloat(/(−?[\d.]+)\s*dB/.exec(text ?? "")?.[1]?.replace("−", "-") ?? "NaN"));
  }
  expect(decibels).toEqual([...decibels].sort((a, b) => a - b));
  await shoot("hot");
});
