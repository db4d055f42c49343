import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generatedModel } from "../bench/generated-model.ts";
import { decodeNpy } from "../src/core/format/npy/decode-npy.ts";
import { sharedData } from "../test/shared-data.ts";
import { unet } from "../test/synthetic-graphs.ts";
import { expect, test } from "./studio-page.ts";

test("a large model opens in groups; keys open and close them; search and values answer", async ({
  studio,
  page,
}) => {
  const file = join(tmpdir(), "rill-viewer-1000.onnx");
  writeFileSync(file, generatedModel(unet(1000)));
  await studio.open();
  await studio.drop(file);
  const graph = await studio.graph();
  await expect(graph).toHaveAttribute("data-box-count", "7");
  await graph.focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowDown");
  await expect(page.getByTestId("graph-current")).toHaveAttribute("aria-label", /stage_1/);
  await page.keyboard.press("]");
  await expect(graph).toHaveAttribute("data-box-count", "26");
  await expect(page.getByTestId("minimap")).toBeVisible();
  await page.keyboard.press("[");
  await expect(graph).toHaveAttribute("data-box-count", "7");

  const rows = page.getByTestId("outline").getByRole("option");
  await page.getByRole("searchbox").fill("op:conv #2");
  await expect(rows).toHaveCount(1);
  await rows.click();
  const inspector = page.getByTestId("inspector");
  await inspector.getByRole("button", { name: /^w0/ }).click();
  await expect(inspector.getByTestId("tensor-first")).toBeVisible();
  const waiting = page.waitForEvent("download");
  await inspector.getByTestId("save-npy").click();
  const saved = decodeNpy(new Uint8Array(readFileSync(await (await waiting).path())), "w0.npy");
  expect(saved.dims).toEqual([16, 16, 1]);
});

const folder = sharedData("models");

test("every real model opens without a complaint", async ({ studio, page }) => {
  test.skip(folder === undefined, "needs the shared models");
  test.setTimeout(600_000);
  const models = readdirSync(folder ?? "", { recursive: true, encoding: "utf8" })
    .filter((f) => /\.(onnx|espdl)$/.test(f))
    .sort();
  await studio.open();
  for (const model of models) {
    await studio.drop(join(folder ?? "", model));
    const name = model.slice(model.lastIndexOf("/") + 1);
    await expect(page.getByTestId("model-name"), model).toHaveText(name, { timeout: 60_000 });
    await studio.graph();
  }
});
