import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { STEPS } from "../src/state/view.ts";
import { expect, test } from "./studio-page.ts";

/** WCAG 2.2 A and AA, and axe's own best practices. */
/** A whole job and some twenty looks at it, on a slow, busy machine. */
test.setTimeout(300_000);

const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

async function violations(page: Page, where: string): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).withTags(RULES).analyze();
  return found.flatMap(({ id, nodes }) =>
    nodes.map((n) => `${where}: ${id} at ${n.target.join(" ")}: ${n.failureSummary?.split("\n")[1]?.trim()}`),
  );
}

for (const theme of ["light", "dark"] as const) {
  for (const language of ["en", "zh-CN"] as const) {
    test(`axe finds nothing on any step (${language}, ${theme})`, async ({ studio, page }) => {
      await page.emulateMedia({ colorScheme: theme });
      await studio.open();
      if (language === "zh-CN") await page.getByTestId("language").click();
      const found = await violations(page, "empty");
      await page.getByRole("button", { name: /^(Try the sample|试用示例)/ }).click();
      await studio.expectState("export", "done");
      await page.getByTestId("toggle-drawer").click();
      for (const step of STEPS) {
        // Panels are loaded on demand: what is not there yet has no faults.
        const panel = await studio.step(step);
        await expect(panel.locator("button, input, p").nth(1)).toBeVisible();
        found.push(...(await violations(page, step)));
      }
      const drawer = page.getByTestId("drawer");
      for (const tab of await drawer.getByRole("tab").all()) {
        await tab.click();
        await expect(tab).toHaveAttribute("aria-selected", "true");
        await expect(drawer.getByRole("tabpanel")).not.toBeEmpty();
        found.push(...(await violations(page, `drawer ${await tab.textContent()}`)));
      }
      await page.getByTestId("help").click();
      await expect(page.getByRole("dialog")).toBeVisible();
      found.push(...(await violations(page, "keys")));
      await page.keyboard.press("Escape");
      await page.getByTestId("palette").click();
      await expect(page.getByRole("dialog")).toBeVisible();
      found.push(...(await violations(page, "palette")));
      expect(found).toEqual([]);
    });
  }
}
