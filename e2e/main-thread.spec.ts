import { watchLongTasks } from "./long-tasks.ts";
import { expect, test } from "./studio-page.ts";

// A trace takes pictures of the page on its main thread.
test.use({ trace: "off" });

test("the page never blocks for more than 50 ms while it calibrates", async ({ studio, page }) => {
  await studio.open();
  await page.getByTestId("try-sample").click();
  await studio.expectState("export", "done");
  const panel = await studio.step("calibrate");
  const watch = await watchLongTasks(page, "calibrate");
  await panel.getByRole("button", { name: "Calibrate again" }).click();
  await studio.expectState("calibrate", "done");
  expect(await watch.whileRunning()).toEqual([]);
});
