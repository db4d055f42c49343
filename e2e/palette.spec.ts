import { expect, test } from "./studio-page.ts";

test("a command is found by name in either language and run by Enter", async ({ page, studio }) => {
  await studio.open();
  await page.keyboard.press("ControlOrMeta+Shift+p");
  const palette = page.getByRole("dialog", { name: "Commands…" });
  await expect(palette).toBeVisible();
  await page.screenshot({ path: "test-results/palette.png" });
  // What is not possible without a model says so and is passed over.
  await expect(palette.getByRole("option", { name: "Save the plan" })).toHaveAttribute(
    "aria-disabled",
    "true",
  );
  const field = page.getByRole("dialog").getByRole("combobox");
  const chosen = page.getByRole("dialog").getByRole("option", { selected: true });
  await expect(field).toBeFocused();
  await page.keyboard.type("中文");
  await expect(chosen).toContainText("中文");
  await page.keyboard.press("Enter");
  await expect(palette).toBeHidden();
  await expect(page.locator("html")).toHaveAttribute("lang", "zh-CN");
  await page.keyboard.press("F1");
  await expect(field).toBeFocused();
  await page.keyboard.type("keyboard");
  await expect(chosen).toContainText("快捷键");
  await page.keyboard.press("Enter");
  const sheet = page.getByRole("dialog", { name: "快捷键" });
  await expect(sheet.getByText("撤销")).toBeVisible();
  await page.screenshot({ path: "test-results/keys.png" });
  await page.keyboard.press("Escape");
  await expect(sheet).toBeHidden();
});
