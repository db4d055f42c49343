import { writeFileSync } from "node:fs";
import { encodeModel } from "../src/core/format/onnx/encode-model.ts";
import { makeModel } from "../src/core/format/onnx/make-model.ts";
import { intsAttribute, makeNode } from "../src/core/ir/graph.ts";
import { floatTensor } from "../src/core/ir/tensor.ts";
import { expect, test } from "./studio-page.ts";

test("the sample is proved, and every check opens down to its numbers", async ({ studio, page }) => {
  await studio.open();
  await page.getByTestId("try-sample").click();
  await studio.expectState("export", "done");
  await studio.step("results");
  const card = page.getByTestId("verdict-proof");
  await expect(card).toContainText("proved", { timeout: 90_000 });
  await expect(card).toContainText(/\d of \d checks passed/);
  for (const check of [
    "structural",
    "chunks",
    "lengths",
    "caches",
    "replay",
    "claims",
    "runtime",
    "integers",
  ])
    await expect(page.getByTestId(`proof-${check}`)).toContainText("passed");

  const structural = page.getByTestId("proof-structural");
  await structural.locator("summary").click();
  await expect(structural).toContainText("bit for bit");
  await expect(structural).toContainText("frames compared");
  await structural.scrollIntoViewIfNeeded();
  await page.screenshot({ path: test.info().outputPath("proof.png") });

  await page.getByRole("button", { name: "中文" }).first().click();
  await expect(page.getByTestId("proof-structural")).toContainText("结构相同");
});

test("what the proof could not check is named and shown in the graph", async ({ studio, page }) => {
  const nodes = [
    makeNode("Conv", ["x", "w"], ["a"], { kernel_shape: intsAttribute([3]), pads: intsAttribute([2, 0]) }),
    makeNode("LpPool", ["a"], ["pooled"], { kernel_shape: intsAttribute([2]) }),
  ];
  const weights = floatTensor(
    Array.from({ length: 12 }, (_, i) => i - 6),
    [2, 2, 3],
  );
  const graph = {
    name: "lp",
    inputs: [{ name: "x", dtype: "float32" as const, shape: [1, 2, "T"] }],
    outputs: [{ name: "pooled", dtype: "float32" as const, shape: [1, 2, "U"] }],
    initializers: new Map([["w", weights]]),
    nodes,
    values: new Map(),
  };
  const path = test.info().outputPath("lp.onnx");
  writeFileSync(path, encodeModel(makeModel(graph, { opset: 18 })));
  await studio.open();
  await studio.drop(path);
  await studio.graph();
  await studio.expectState("axis", "done");
  await studio.step("results");
  await page.getByTestId("start-prove").click();
  await expect(page.getByTestId("verdict-proof")).toContainText("proved in part");
  const structural = page.getByTestId("proof-structural");
  await expect(structural).toContainText("not checked");
  await structural.locator("summary").click();
  await page.getByTestId("proof-place-structural").click();
  await expect(page.getByTestId("inspector")).toContainText("LpPool");
});
