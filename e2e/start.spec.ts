import { writeFileSync } from "node:fs";
import { encodeModel } from "../src/core/format/onnx/encode-model.ts";
import { makeModel } from "../src/core/format/onnx/make-model.ts";
import { type Graph, intsAttribute, makeNode } from "../src/core/ir/graph.ts";
import { tensorOf } from "../src/core/ir/tensor.ts";
import { expect, test } from "./studio-page.ts";

const CHANNELS = 4;

/** Two padded convolutions that look ahead: the second must not see what comes before the stream. */
function lookAhead(): Uint8Array {
  const weight = tensorOf(
    Float32Array.from({ length: CHANNELS * CHANNELS * 3 }, (_, i) => ((i * 7) % 5) / 5 - 0.4),
    [CHANNELS, CHANNELS, 3],
  );
  const conv = (x: string, y: string) =>
    makeNode("Conv", [x, "weight"], [y], { pads: intsAttribute([1, 1]) }, y);
  const shape = [1, CHANNELS, "T"];
  const graph: Graph = {
    name: "ahead",
    inputs: [{ name: "x", dtype: "float32", shape }],
    outputs: [{ name: "y", dtype: "float32", shape }],
    initializers: new Map([["weight", weight]]),
    nodes: [conv("x", "a"), makeNode("Relu", ["a"], ["r"], {}, "r"), conv("r", "y")],
    values: new Map(),
  };
  return encodeModel(makeModel(graph, { opset: 17 }));
}

test("the start of a stream is chosen beside the caches, with what each way costs", async ({
  studio,
  page,
}, testInfo) => {
  const model = testInfo.outputPath("ahead.onnx");
  writeFileSync(model, lookAhead());
  await studio.open();
  await studio.drop(model);
  await studio.graph();
  const caches = await studio.step("caches");
  const cost = caches.getByTestId("start-cost");
  await expect(cost).toContainText("held for 1 step, delay 2");
  const warmUp = caches.getByLabel("Warm-up");
  await warmUp.selectOption("two-graph");
  await expect(cost).toContainText("other graph for 3 steps, delay 2");
  await warmUp.selectOption("mask");
  await expect(cost).toContainText("1 masked, delay 2");
  await warmUp.selectOption("ignore");
  await expect(cost).toContainText("1 wrong frame");
  await expect(caches.getByText("The start is approximate")).toBeVisible();
  await expect(caches.getByText(/At most the first 1 frame/).first()).toBeVisible();
  await caches.getByLabel("End of the stream").selectOption("exact");
  await page.keyboard.press("Control+z");
  await expect(caches.getByLabel("End of the stream")).toHaveValue("open");
  await warmUp.scrollIntoViewIfNeeded();
  await page.screenshot({ path: testInfo.outputPath("start.png") });
});
