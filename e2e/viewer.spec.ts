import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generatedModel } from "../bench/generated-model.ts";
import { decodeNpy } from "../src/core/format/npy/decode-npy.ts";
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
