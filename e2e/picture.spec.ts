import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Download, Page } from "@playwright/test";
import { generatedModel } from "../bench/generated-model.ts";
import { unet } from "../test/synthetic-graphs.ts";
import { expect, test } from "./studio-page.ts";

async function saved(page: Page, press: () => Promise<void>): Promise<Download> {
  const waiting = page.waitForEvent("download");
  await press();
  return waiting;
}

test("the whole graph is saved as PNG and as SVG", async ({ studio, page }) => {
  const file = join(tmpdir(), "rill-picture-400.onnx");
  writeFileSync(file, generatedModel(unet(400)));
  await studio.open();
  await studio.drop(file);
  const graph = await studio.graph();
  await graph.focus();
  await page.keyboard.press("g");
  await expect(graph).toHaveAttribute("data-box-count", "402");
  await page.keyboard.press("Shift+F10");
  await page.getByRole("menuitem", { name: /picture/ }).click();
  const dialog = page.getByRole("dialog");
  const save = () => dialog.getByRole("button", { name: "Save", exact: true }).click();

  const png = await saved(page, save);
  expect(png.suggestedFilename()).toBe("rill-picture-400.graph.png");
  const bytes = readFileSync(await png.path());
  const pixels = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)] as const;
  await expect(dialog).toContainText(`${pixels[0]} × ${pixels[1]} px`);
  // The browser's own decoder reads it, and there is more than plain ground in it.
  const colors = await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const context = new OffscreenCanvas(400, 400).getContext("2d");
    context?.drawImage(bitmap, bitmap.width / 2, 0, 400, 400, 0, 0, 400, 400);
    const data = new Uint32Array(context?.getImageData(0, 0, 400, 400).data.buffer ?? new ArrayBuffer(0));
    return { width: bitmap.width, colors: new Set(data).size };
  }, bytes.toString("base64"));
  expect(colors.width).toBe(pixels[0]);
  expect(colors.colors).toBeGreaterThan(20);

  await dialog.getByLabel("Format").selectOption("svg");
  const svg = readFileSync(await (await saved(page, save)).path(), "utf8");
  const parsed = await page.evaluate((text) => {
    const root = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
    const texts = [...root.querySelectorAll("text")].map((t) => t.textContent);
    return { name: root.nodeName, convs: texts.filter((t) => t === "Conv").length };
  }, svg);
  expect(parsed.name).toBe("svg");
  expect(parsed.convs).toBe(unet(400).nodes.filter((n) => n.op === "Conv").length);
});
