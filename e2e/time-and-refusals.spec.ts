import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeModel } from "../src/core/format/onnx/encode-model.ts";
import { makeModel } from "../src/core/format/onnx/make-model.ts";
import { intAttribute, intsAttribute, makeNode } from "../src/core/ir/graph.ts";
import { noise } from "../test/array-clip.ts";
import { expect, type StudioPage, sampleFile, test } from "./studio-page.ts";

/** Two nodes of three cannot stream: a softmax over all of time, and a mean over it. */
function refusedFile(): Uint8Array {
  return encodeModel(
    makeModel(
      {
        name: "refused",
        inputs: [{ name: "x", dtype: "float32", shape: [1, 4, "T"] }],
        outputs: [
          { name: "p", dtype: "float32", shape: [1, 4, "T"] },
          { name: "m", dtype: "float32", shape: [1, 4, 1] },
        ],
        initializers: new Map([["w", noise([4, 4, 3], 3)]]),
        nodes: [
          makeNode("Conv", ["x", "w"], ["c"], { pads: intsAttribute([2, 0]) }),
          makeNode("Softmax", ["c"], ["p"], { axis: intAttribute(2) }),
          makeNode("GlobalAveragePool", ["c"], ["m"]),
        ],
        values: new Map(),
      },
      { opset: 17 },
    ),
  );
}

async function openRefused(studio: StudioPage, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, "refused.onnx");
  writeFileSync(file, refusedFile());
  await studio.open();
  await studio.drop(file);
  await studio.graph();
}

test("refused nodes are found by key and by list, with their reason", async ({ studio, page }, info) => {
  await openRefused(studio, info.outputDir);
  await studio.expectState("axis", "ready");
  await expect(page.getByTestId("graph-legend")).toContainText("cannot stream");
  const graph = await studio.graph();
  const current = page.getByTestId("graph-current");
  await graph.focus();
  const seen = new Set<string>();
  for (let i = 0; i < 2; i++) {
    await page.keyboard.press("n");
    await expect(current).toHaveAttribute("aria-label", /cannot stream/);
    seen.add((await current.getAttribute("aria-label")) ?? "");
  }
  expect(seen.size).toBe(2);
  await page.keyboard.press("Enter");
  await expect(page.getByTestId("inspector").getByTestId("refusal")).toHaveCount(1);
  await page.screenshot({ path: info.outputPath("refused.png") });
  await page.getByRole("tab", { name: /^Problems/ }).click();
  const list = page.getByTestId("problems");
  await list.getByRole("button", { name: /p$/ }).first().click();
  await expect(current).toHaveAttribute("aria-label", /^Softmax/);
});

test("time on every edge, the table of caches and the totals follow the plan", async ({
  studio,
  page,
}, info) => {
  await studio.open();
  await studio.drop(...["tone-tcn.onnx", "vowels.wav"].map(sampleFile));
  await studio.expectState("splits", "done");
  const graph = await studio.graph();
  await graph.focus();
  await page.keyboard.press("t");
  await expect(page.getByTestId("overlay")).toHaveValue("time");
  await expect(page.getByTestId("graph-legend")).toContainText("frames late");
  await page.screenshot({ path: info.outputPath("time.png") });
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  for (let i = 0; i < 4; i++) await page.keyboard.press("+");
  await page.screenshot({ path: info.outputPath("time-near.png") });

  await page.getByTestId("toggle-drawer").click();
  await page.getByRole("tab", { name: "Caches" }).click();
  const table = page.getByTestId("cache-table");
  const rows = table.getByRole("row");
  await expect(rows.nth(3)).toBeVisible();
  await table.getByRole("button", { name: "Bytes" }).click();
  await expect(table.getByRole("columnheader", { name: "Bytes" })).toHaveAttribute("aria-sort", "descending");
  await rows.nth(1).click();
  await expect(page.getByTestId("graph-selected")).toBeAttached();
  await page.screenshot({ path: info.outputPath("cache-table.png") });

  const caches = page.getByTestId("total-caches");
  const before = await caches.textContent();
  const panel = await studio.step("caches");
  await panel
    .getByRole("button", { name: /^Remove the cache/ })
    .first()
    .click();
  await expect(caches).not.toHaveText(before ?? "");
  await expect(page.getByTestId("graph-legend")).toContainText("frames late");
  await page.getByTestId("undo").click();
  await expect(caches).toHaveText(before ?? "");

  await page.getByTestId("language").click();
  await page.getByTestId("theme").click();
  await page.getByTestId("theme").click();
  await page.screenshot({ path: info.outputPath("zh-dark.png") });
});
