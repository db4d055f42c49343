import { join } from "node:path";
import type { Page } from "@playwright/test";
import { type Language, STEPS, type ThemeChoice } from "../src/state/view.ts";
import { expect, test } from "./studio-page.ts";

/** A whole job and some twenty looks at it, on a slow, busy machine. */
test.setTimeout(300_000);

/** Windows in CSS px; the last is 1440×900 at 200 % zoom. */
const WINDOWS = [
  { name: "1280", width: 1280, height: 800, scale: 1 },
  { name: "1440", width: 1440, height: 900, scale: 1 },
  { name: "1920", width: 1920, height: 1080, scale: 1 },
  { name: "zoomed", width: 720, height: 450, scale: 2 },
] as const;

const LOOKS = [
  { language: "en", theme: "light" },
  { language: "zh-CN", theme: "dark" },
] as const satisfies readonly { language: Language; theme: ThemeChoice }[];

for (const { name, width, height, scale } of WINDOWS) {
  test.describe(`${name}: ${width} × ${height}`, () => {
    test.use({ viewport: { width, height }, deviceScaleFactor: scale });
    for (const { language, theme } of LOOKS) {
      test(`nothing hangs over and everything is reached (${language}, ${theme})`, async ({
        studio,
        page,
      }, info) => {
        const shoot = (what: string) =>
          page.screenshot({
            path: join(info.project.outputDir, "widths", `${name}.${language}.${theme}.${what}.png`),
            animations: "disabled",
          });
        const view = JSON.stringify({ version: 1, view: { language, theme } });
        await page.addInitScript((kept) => localStorage.setItem("rill.view", kept), view);
        await studio.open();
        await shoot("0-empty");
        const found = await flaws(page, "empty");
        await page.getByTestId("try-sample").click();
        await studio.expectState("export", "done");
        const drawer = page.getByTestId("drawer");
        // The sample ends with its plots in sight; the steps are looked at without them.
        if ((await drawer.getAttribute("data-open")) === "true")
          await page.getByTestId("toggle-drawer").click();
        for (const [i, step] of STEPS.entries()) {
          const panel = await studio.step(step);
          await expect(panel.locator("button, input, p").nth(1)).toBeVisible();
          found.push(...(await flaws(page, step)));
          await shoot(`${i + 1}-${step}`);
        }
        await page.getByTestId("toggle-drawer").click();
        for (const tab of await drawer.getByRole("tab").all()) {
          await tab.click();
          await expect(tab).toHaveAttribute("aria-selected", "true");
          await expect(drawer.getByRole("tabpanel")).not.toBeEmpty();
          found.push(...(await flaws(page, `drawer ${await tab.textContent()}`)));
        }
        await shoot("9-drawer");
        await page.getByTestId("toggle-drawer").click();
        await page.getByTestId("overlay").selectOption("time");
        await expect(page.getByTestId("graph-legend")).toBeInViewport({ ratio: 1 });
        await (await studio.graph()).press("Shift+F10");
        await expect(page.getByRole("menu")).toBeInViewport({ ratio: 1 });
        await shoot("9-menu");
        await page.keyboard.press("Escape");
        await page.keyboard.press("?");
        await expect(page.getByRole("dialog")).toBeVisible();
        found.push(...(await flaws(page, "keys")));
        await shoot("9-keys");
        expect(found).toEqual([]);
      });
    }
  });
}

test("below 640 px the model is looked at, and the page says why nothing else", async ({ studio, page }) => {
  await studio.open();
  await page.getByTestId("try-sample").click();
  await studio.expectState("export", "done");
  await page.setViewportSize({ width: 480, height: 800 });
  await expect(page.getByText(/too narrow to work in/)).toBeVisible();
  await expect(page.getByTestId("step-model")).toBeHidden();
  await expect(page.getByTestId("graph")).toBeVisible();
  expect(await flaws(page, "narrow")).toEqual([]);
  await page.screenshot({ path: "test-results/widths/narrow.png" });
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect(page.getByTestId("step-model")).toBeVisible();
  await expect(page.getByText(/too narrow to work in/)).toBeHidden();
});

test("with forced colours and reduced motion the page stays readable and still", async ({ studio, page }) => {
  await page.emulateMedia({ forcedColors: "active", reducedMotion: "reduce" });
  await studio.open();
  await page.getByTestId("try-sample").click();
  await studio.expectState("export", "done");
  await studio.step("results");
  const moving = await page.evaluate(() => document.getAnimations().length);
  expect(moving).toBe(0);
  const current = page.getByTestId("step-results");
  expect(await current.evaluate((e) => getComputedStyle(e).outlineStyle)).toBe("solid");
  await page.screenshot({ path: "test-results/widths/forced-colors.png" });
});

/** What hangs over the window, and what can be pressed but lies under something else or outside. */
function flaws(page: Page, where: string): Promise<string[]> {
  return page.evaluate((place) => {
    const found: string[] = [];
    const { documentElement: root } = document;
    if (root.scrollWidth > innerWidth) found.push(`${place}: the page is ${root.scrollWidth} px wide`);
    if (root.scrollHeight > innerHeight) found.push(`${place}: the page is ${root.scrollHeight} px high`);
    const modal = document.querySelector("dialog[open]");
    // What lies in the graph moves with it; what lies under a sheet or a dialog is reached when that is closed.
    const stops = (modal ?? document).querySelectorAll<HTMLElement>(
      "button, a[href], input, select, [role=tab]",
    );
    for (const stop of stops) {
      if (stop.closest("[data-testid=graph]") || stop.matches(":disabled") || !stop.checkVisibility())
        continue;
      const sheet =
        innerWidth < 1024 &&
        stop.closest("main, aside, [data-testid^=panel-]") &&
        document.querySelector("[data-testid=drawer][data-open=true]");
      if (sheet) continue;
      stop.scrollIntoView({ block: "center", inline: "center" });
      const box = stop.getBoundingClientRect();
      const at = [(box.left + box.right) / 2, (box.top + box.bottom) / 2] as const;
      const top = document.elementFromPoint(at[0], at[1]);
      const free =
        top !== null && (stop.contains(top) || top.contains(stop) || top.closest("label")?.contains(stop));
      const name = stop.getAttribute("aria-label") ?? stop.textContent ?? "";
      if (!free)
        found.push(
          `${place}: “${name.trim()}” at ${at.map(Math.round)} is not free but under ${top?.outerHTML.slice(0, 80)}`,
        );
    }
    return found;
  }, where);
}
