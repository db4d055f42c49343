import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sha256Hex } from "../src/core/base/sha256.ts";
import { encodeModel } from "../src/core/format/onnx/encode-model.ts";
import { makeModel } from "../src/core/format/onnx/make-model.ts";
import { decodeWav } from "../src/core/format/wav/decode-wav.ts";
import { type Graph, intAttribute, intsAttribute, makeNode } from "../src/core/ir/graph.ts";
import { floatTensor } from "../src/core/ir/tensor.ts";
import { defaultPlan } from "../src/core/plan/default-plan.ts";
import { printPlan } from "../src/core/plan/print-plan.ts";
import { noiseClip } from "./noise-clip.ts";
import { expect, sampleFile, test } from "./studio-page.ts";

const TAPS = 33;

/** A low pass over raw samples: what comes out is sound. */
function lowPass(): Uint8Array {
  const taps = Array.from(
    { length: TAPS },
    (_, n) => (1 - Math.cos((2 * Math.PI * (n + 1)) / (TAPS + 1))) / (TAPS + 1),
  );
  const graph: Graph = {
    name: "low pass",
    inputs: [{ name: "audio", dtype: "float32", shape: [1, 1, "samples"] }],
    outputs: [{ name: "filtered", dtype: "float32", shape: [1, 1, "samples"] }],
    initializers: new Map([["taps", floatTensor(taps, [1, 1, TAPS])]]),
    nodes: [
      makeNode("Conv", ["audio", "taps"], ["filtered"], {
        kernel_shape: intsAttribute([TAPS]),
        pads: intsAttribute([TAPS - 1, 0]),
        strides: intsAttribute([1]),
        dilations: intsAttribute([1]),
        group: intAttribute(1),
      }),
    ],
    values: new Map(),
  };
  return encodeModel(makeModel(graph, { opset: 17 }));
}

function projectFiles(): string[] {
  const folder = mkdtempSync(join(tmpdir(), "rill-listen-"));
  const model = lowPass();
  const features = JSON.parse(readFileSync(sampleFile("tone-tcn.rill.json"), "utf8")).features.features;
  const raw = { ...features, kind: "raw", hopSamples: 1 };
  const plan = defaultPlan(
    { name: "low-pass.onnx", sha256: sha256Hex(model) },
    { axes: { audio: 2 }, chunk: 160, features: { audio: raw } },
  );
  const files = {
    "low-pass.onnx": model,
    "low-pass.rill.json": printPlan(plan),
    "noise.wav": noiseClip(2),
  };
  return Object.entries(files).map(([name, bytes]) => {
    writeFileSync(join(folder, name), bytes);
    return join(folder, name);
  });
}

test("a model that gives sound is heard: clip, float, streaming, quantized and their difference", async ({
  studio,
  page,
}) => {
  await studio.open();
  await studio.drop(...projectFiles());
  await studio.graph();
  await studio.expectState("audio", "done");
  await page.getByTestId("run-all").click();
  await studio.expectState("results", "done");
  await page.getByTestId("toggle-drawer").click();
  await page.getByRole("tab", { name: "Listen" }).click();
  const panel = page.getByTestId("listen");
  await expect(panel.getByRole("radio")).toHaveCount(5);
  await expect(panel).toContainText(/The difference lies \d+\.\d dB below/);

  const position = panel.getByTestId("listen-position");
  const now = async () => Number(await position.getAttribute("aria-valuenow"));
  await panel.getByRole("checkbox", { name: "Repeat" }).check();
  await panel.getByTestId("listen-play").click();
  await expect.poll(now).toBeGreaterThan(0.1);
  // Switching does not move the position back: within the page, since meanwhile a short clip may begin again.
  const moved = await position.evaluate(async (slider) => {
    const [at, all] = ["now", "max"].map((v) => () => Number(slider.getAttribute(`aria-value${v}`)));
    const before = at?.() ?? 0;
    document.querySelector<HTMLElement>("[data-testid=track-difference]")?.click();
    await new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(painted)));
    const length = all?.() ?? 0;
    return ((at?.() ?? 0) - before + length) % length;
  });
  await expect(panel.getByRole("radio", { name: "Difference" })).toBeChecked();
  expect(moved).toBeLessThan(1);
  await expect(panel.getByTestId("track-difference")).toContainText("played at");
  await position.focus();
  await page.keyboard.press("b");
  await expect(panel.getByRole("radio", { name: "Float", exact: false }).first()).toBeChecked();
  await page.keyboard.press(" ");
  await expect(panel.getByTestId("listen-play")).toContainText("Play");
  await page.keyboard.press("Home");
  await expect(position).toHaveAttribute("aria-valuenow", "0");
  await page.screenshot({ path: "test-results/listen.png" });

  await panel.getByTestId("track-quantized").click();
  const saving = page.waitForEvent("download");
  await panel.getByTestId("listen-save").click();
  const path = await (await saving).path();
  const wav = decodeWav(new Uint8Array(readFileSync(path)), "saved.wav");
  expect([wav.rateHz, wav.channels[0]?.length]).toEqual([16_000, 32_000]);
});

test("a model whose outputs are classes has nothing to hear and says so", async ({ studio, page }) => {
  await studio.open();
  await page.getByRole("button", { name: "Try the sample" }).click();
  await studio.expectState("results", "done");
  await page.getByTestId("toggle-drawer").click();
  await page.getByRole("tab", { name: "Listen" }).click();
  await expect(page.getByTestId("listen")).toContainText("No output of this model is sound");
});
