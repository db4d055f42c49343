import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeModel } from "../src/core/format/onnx/decode-model.ts";
import { encodeModel } from "../src/core/format/onnx/encode-model.ts";
import { makeNode } from "../src/core/ir/graph.ts";
import { expect, sampleFile, test } from "./studio-page.ts";

/** The sample with one more operator at its end, and everything else as it is. */
function changedSample(): string {
  const model = decodeModel(new Uint8Array(readFileSync(sampleFile("tone-tcn.onnx"))));
  const { graph } = model;
  const [output] = graph.outputs;
  if (!output) throw new Error("no output");
  const nodes = graph.nodes.map((n) => ({
    ...n,
    outputs: n.outputs.map((name) => (name === output.name ? "before" : name)),
  }));
  const changed = { ...graph, nodes: [...nodes, makeNode("Abs", ["before"], [output.name])] };
  const path = join(mkdtempSync(join(tmpdir(), "rill-beside-")), "changed.onnx");
  writeFileSync(path, encodeModel({ ...model, graph: changed }));
  return path;
}

test("another model is shown beside the open one; selections go together, what only one has is told", async ({
  studio,
  page,
}) => {
  await studio.open();
  await studio.drop(sampleFile("tone-tcn.onnx"));
  await studio.graph();
  await studio.dropAt(0.9, changedSample());
  const beside = page.getByTestId("beside");
  await expect(beside).toContainText("changed.onnx");
  await expect(beside).toContainText(/\d+ ops alike, 1 only here/);
  await expect(page.getByTestId("model-name")).toHaveText("tone-tcn.onnx");

  // Both read the same file: the same operator has the same name.
  const row = page.getByTestId("outline").getByRole("option", { name: "Relu" }).nth(1);
  const key = (await row.getAttribute("data-testid"))?.replace("outline-row-", "");
  await row.click();
  await expect(beside.getByTestId("beside-selected")).toHaveAttribute("data-id", key ?? "no row");
  await page.screenshot({ path: "test-results/beside.png" });
  await beside.getByRole("button", { name: "Close the model beside" }).click();
  await expect(beside).toBeHidden();
  await studio.expectState("model", "done");
});
