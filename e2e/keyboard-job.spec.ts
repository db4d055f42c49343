import { readFileSync } from "node:fs";
import type { Page } from "@playwright/test";
import { ownProject } from "./own-model.ts";
import { openModules, readPackage, rerunVectors } from "./run-package.ts";
import { expect, type StudioPage, test } from "./studio-page.ts";

/** More stops than any panel has. */
const MOST_TABS = 120;

/** What has the focus, as a screen reader would begin: its role or tag and its name. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const e = document.activeElement;
    if (!e || e === document.body) return "nothing";
    const label =
      e.getAttribute("aria-label") ??
      (e instanceof HTMLInputElement ? (e.labels?.[0]?.textContent ?? "") : e.textContent);
    return `${e.getAttribute("role") ?? e.tagName.toLowerCase()}: ${(label ?? "").trim()}`;
  });
}

/** Goes forward stop by stop until the focus is on what `name` finds, and that stop must be in sight and have a ring. */
async function tabTo(page: Page, name: RegExp, key: "Tab" | "Shift+Tab" = "Tab"): Promise<void> {
  const passed: string[] = [];
  for (let i = 0; i < MOST_TABS; i++) {
    const now = await focused(page);
    if (name.test(now)) {
      await expectRing(page);
      return;
    }
    passed.push(now);
    await page.keyboard.press(key);
  }
  throw new Error(`Tab does not come to ${name}; it came to\n${passed.join("\n")}`);
}

/** Whoever works by keys sees where they are. */
async function expectRing(page: Page): Promise<void> {
  const ring = await page.evaluate(() => {
    const e = document.activeElement;
    if (!e) return undefined;
    const { outlineStyle, outlineWidth } = getComputedStyle(e);
    const { top, bottom, left, right } = e.getBoundingClientRect();
    const inSight = bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
    return { outlined: outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2, inSight };
  });
  expect(ring, await focused(page)).toEqual({ outlined: true, inSight: true });
}

async function chooseFiles(page: Page, files: readonly string[]): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await page.keyboard.press("Control+o");
  await (await chooser).setFiles([...files]);
}

/** The panel of a step by its number, and its work by Tab and Enter. */
async function work(
  studio: StudioPage,
  key: string,
  button: RegExp,
  step: "calibrate" | "results" | "export",
) {
  const { page } = studio;
  await page.keyboard.press(key);
  // Panels are loaded on demand.
  const panel = page.getByTestId(`panel-${step}`);
  await expect(panel.getByRole("button", { name: nameOf(button) })).toBeEnabled();
  await tabTo(page, button);
  await page.keyboard.press("Enter");
  await studio.expectState(step, "done");
  // The button gave its place to the progress and came back; the focus did not fall out of the page.
  await expectFocus(page);
}

/** A lost focus is given to a neighbour with the frame after. */
async function expectFocus(page: Page): Promise<void> {
  await expect.poll(() => focused(page)).not.toBe("nothing");
}

/** `/^button: Compare$/` is spoken for the button "Compare". */
function nameOf(spoken: RegExp): RegExp {
  return new RegExp(spoken.source.replace("button: ", ""));
}

test("the whole job without a mouse", async ({ studio, page }) => {
  const own = ownProject();
  await studio.open();
  await expect.poll(() => focused(page)).toContain("Open a model");
  await chooseFiles(page, [own.model]);
  const graph = await studio.graph();
  await chooseFiles(page, own.clips);
  await studio.expectState("audio", "done");

  await test.step("search finds an op, Enter goes to it", async () => {
    await page.keyboard.press("/");
    await expect(page.getByRole("searchbox")).toBeFocused();
    await page.keyboard.type("op:sigmoid");
    await page.keyboard.press("Enter");
    await expect(page.getByTestId("graph-current")).toHaveAttribute("aria-label", /Sigmoid/);
  });

  await test.step("arrows walk the graph, Enter opens the inspector, arrows change its tabs", async () => {
    await tabTo(page, /^application/);
    await page.keyboard.press("ArrowUp");
    await expect(page.getByTestId("graph-current")).toHaveAttribute("aria-label", /Conv/);
    await page.keyboard.press("Enter");
    await tabTo(page, /^tab: Node/);
    await page.keyboard.press("ArrowRight");
    await expect(page.getByRole("tab", { name: "Value" })).toBeFocused();
    await expect(page.getByRole("tab", { name: "Value" })).toHaveAttribute("aria-selected", "true");
  });

  await test.step("caches are accepted; a split is made, undone, made again and undone again", async () => {
    await page.keyboard.press("3");
    await expect(page.getByRole("button", { name: /^Accept all/ })).toBeEnabled();
    await tabTo(page, /^button: Accept all/);
    await page.keyboard.press("Enter");
    await studio.expectState("caches", "done");
    await expectFocus(page);
    await tabTo(page, /^application/);
    await page.keyboard.press("m");
    await expect(page.getByTestId("graph-current")).toHaveAttribute("aria-label", /cache/i);
    await page.keyboard.press("s");
    await expect(graph.getByTestId(/^split-chip/)).toHaveCount(1);
    await page.keyboard.press("Control+z");
    await expect(graph.getByTestId(/^split-chip/)).toHaveCount(0);
    await page.keyboard.press("Control+Shift+z");
    await expect(graph.getByTestId(/^split-chip/)).toHaveCount(1);
    await page.keyboard.press("Control+z");
    await expect(graph).toBeFocused();
  });

  await test.step("an op is kept in float by X and given back", async () => {
    await page.keyboard.press("m");
    await expect(page.getByTestId("graph-current")).toHaveAttribute("aria-label", /^Relu/);
    await page.keyboard.press("x");
    await expect(page.getByTestId("undo")).toHaveAttribute("aria-label", /float/);
    await page.keyboard.press("x");
  });

  await work(studio, "6", /^button: Calibrate$/, "calibrate");
  await work(studio, "7", /^button: Compare$/, "results");

  await test.step("the drawer opens by Q and its tabs by arrows", async () => {
    await page.keyboard.press("q");
    await expect(page.getByTestId("drawer")).toHaveAttribute("data-open", "true");
    await tabTo(page, /^tab: (Layers|Plots)/);
    while (!(await focused(page)).startsWith("tab: Listen")) await page.keyboard.press("ArrowRight");
    await expect(page.getByTestId("listen")).toBeVisible();
    await page.keyboard.press("q");
    await expect(page.getByTestId("drawer")).toHaveAttribute("data-open", "false");
  });

  await work(studio, "8", /^button: Build the package$/, "export");
  await tabTo(page, /^a: Download/);
  const saving = page.waitForEvent("download");
  await page.keyboard.press("Enter");
  const opened = readPackage(new Uint8Array(readFileSync(await (await saving).path())));
  const { compared, mismatches } = await rerunVectors(opened, await openModules(opened, "int8"));
  expect(compared).toBeGreaterThan(0);
  expect(mismatches).toEqual([]);
});

test("dialogs give the focus back, and what is removed gives it to its neighbour", async ({
  studio,
  page,
}) => {
  const own = ownProject();
  await studio.open();
  await chooseFiles(page, [own.model, ...own.clips]);
  await studio.graph();
  await tabTo(page, /^application/);
  for (const open of ["?", "F1"]) {
    await page.keyboard.press(open);
    await expect(page.getByRole("dialog")).toBeVisible();
    await page.keyboard.press("Escape");
    await expect(page.getByTestId("graph")).toBeFocused();
  }
  // Closed by its button.
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toBeVisible();
  await tabTo(page, /^button: Close/);
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("graph")).toBeFocused();
  // The palette's command takes the focus where it acts.
  await page.keyboard.press("F1");
  const palette = page.getByRole("dialog");
  await expect(palette.getByRole("combobox")).toBeFocused();
  await page.keyboard.type("search ops");
  await expect(palette.getByRole("option", { selected: true })).toContainText("Search ops");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("searchbox")).toBeFocused();
  // A removed clip.
  await page.keyboard.press("Escape");
  await tabTo(page, /^application/);
  await page.keyboard.press("5");
  await expect(page.getByTestId("clip-list").getByRole("listitem")).toHaveCount(2);
  await tabTo(page, /^button: Remove voices/);
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("clip-list").getByRole("listitem")).toHaveCount(1);
  await expect.poll(() => focused(page)).toContain("kitchen-noise");
  // A closed panel.
  await page.keyboard.press("i");
  await page.keyboard.press("i");
  await tabTo(page, /^button: Inspector/);
  await page.keyboard.press("Enter");
  await expect.poll(() => focused(page)).not.toBe("nothing");
});
