import { readFileSync, writeFileSync } from "node:fs";
import { encodeModel } from "../src/core/format/onnx/encode-model.ts";
import { makeModel } from "../src/core/format/onnx/make-model.ts";
import { defaultPlan } from "../src/core/plan/default-plan.ts";
import { prepare } from "../src/engine/evaluate.ts";
import { openModel } from "../src/engine/open-model.ts";
import { openModules, readPackage, rerunVectors } from "./run-package.ts";
import { expect, sampleFile, test } from "./studio-page.ts";

const OFFLINE = "tone-tcn.onnx";

/** A streaming model as a stranger would hand it over: one graph, its caches among its ports, no word of Rill. */
function streamingFile(): Uint8Array {
  const bytes = new Uint8Array(readFileSync(sampleFile(OFFLINE)));
  const opened = openModel([{ name: OFFLINE, bytes }]);
  const [input] = opened.normalized.graph.inputs;
  const plan = defaultPlan(opened, { axes: { [input?.name ?? ""]: 2 }, chunk: 2 });
  const [module] = prepare(opened, plan).streaming.model.modules;
  if (!module) throw new Error("no module");
  return encodeModel(makeModel(module.graph, { opset: opened.normalized.opsets.get("") ?? 18 }));
}

test("a model that already streams is confirmed, compared with its twin, and packaged", async ({
  studio,
  page,
}, info) => {
  const file = info.outputPath("theirs.onnx");
  writeFileSync(file, streamingFile());
  await studio.open();
  await studio.drop(file, sampleFile("vowels.wav"), sampleFile("mixed.wav"));
  await studio.graph();
  const panel = await studio.step("axis");
  const states = panel.getByTestId("states");
  await expect(states).toHaveAttribute("data-status", "open");
  const entries = states.getByTestId(/^state-/);
  const count = await entries.count();
  expect(count).toBeGreaterThan(2);

  // A pair taken away, and added again by its ports: all of it can be undone.
  await entries
    .first()
    .getByRole("button", { name: /is no state$/ })
    .click();
  await expect(states).toHaveAttribute("data-status", "confirmed");
  await expect(entries).toHaveCount(count - 1);
  await page.keyboard.press("ControlOrMeta+z");
  await expect(states).toHaveAttribute("data-status", "open");
  await states.getByTestId("confirm-states").click();
  await expect(states).toHaveAttribute("data-status", "confirmed");
  await expect(entries).toHaveCount(count);
  await studio.expectState("splits", "done");
  await page.screenshot({ path: info.outputPath("states.png") });

  await panel.getByTestId("twin-file").setInputFiles(sampleFile(OFFLINE));
  await expect(panel.getByTestId("twin-report")).toHaveAttribute("data-verdict", "equal");
  await panel.getByTestId("twin-report").scrollIntoViewIfNeeded();
  await page.screenshot({ path: info.outputPath("twin.png") });
  // Another model is no twin.
  await panel.getByTestId("twin-file").setInputFiles(sampleFile("three-part.onnx"));
  await expect(panel.getByTestId("twin-report")).toHaveAttribute("data-verdict", "different");
  await expect(panel.getByTestId("twin-report")).toContainText("their shapes do not go together");
  await panel.getByTestId("twin-file").setInputFiles(sampleFile(OFFLINE));
  await expect(panel.getByTestId("twin-report")).toHaveAttribute("data-verdict", "equal");

  await page.getByTestId("run-all").click();
  await studio.expectState("export", "done");
  await expect(page.getByTestId("package-verdict")).toContainText("Verified");
  await studio.step("results");
  await page.screenshot({ path: info.outputPath("results.png") });
  await studio.step("export");
  const opened = readPackage((await studio.download()).bytes);
  const [module] = opened.manifest.modules;
  expect(module?.caches.length).toBe(count);
  expect(module?.caches.map((c) => c.dtype)).toContain("int8");
  for (const precision of ["float", "int8"] as const) {
    expect((await rerunVectors(opened, await openModules(opened, precision))).mismatches).toEqual([]);
  }
  expect(studio.strayRequests("plain")).toEqual([]);
});
