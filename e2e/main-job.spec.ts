import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { promisify } from "node:util";
import { parsePlan } from "../src/core/plan/parse-plan.ts";
import { sharedData } from "../test/shared-data.ts";
import { ROOT } from "../test/source-imports.ts";
import { framesOfClip, openAtAnyLength, span } from "./offline-model.ts";
import {
  maxDifference,
  type OpenedPackage,
  openModules,
  openSession,
  readPackage,
  rerunVectors,
  stream,
} from "./run-package.ts";
import { expect, type StudioPage, test } from "./studio-page.ts";
import { zipDifference } from "./zip-difference.ts";

const MODEL = sharedData("models/espressif__esp-dl/streaming_tutorial_model.onnx");
const SPEECH = sharedData("audio/google__lyra/sample1_16kHz.wav");
const INPUT = "input.1";
const OUTPUT = "164";
const BINS = 16;
const CHUNK = 3;
/** Length that the file declares. */
const OWN_FRAMES = 24;
/** Behind the second gated block; the residual of the first convolution crosses here as well. */
const SPLIT = "/layer/layer.3/Mul_output_0";
const RESIDUAL = "/prev_conv/Conv_output_0";
/** Read with their past: by three dilated convolutions and by the average at the end. */
const CACHED = [RESIDUAL, "/layer/layer.1/Mul_output_0", SPLIT, "/Add_output_0"];
/** Of the output's range: the runtime picks its kernels by shape, and with them the order of sums. */
const FLOAT_TOLERANCE = 5e-6;

test.describe("the main job on the tutorial model", () => {
  test.skip(!MODEL || !SPEECH, "needs ../shared/data (the tutorial model and a speech clip)");
  // One visit from the drop to the download, then three tests on what was downloaded.
  test.describe.configure({ mode: "serial" });

  let downloaded: Uint8Array;
  let opened: OpenedPackage;

  test("drop, see, mark, calibrate, compare, export", async ({ studio, page }) => {
    await studio.open();
    await openAndMark(studio);
    await calibrateAndCompare(studio);

    const panel = await studio.run("export");
    await expect(panel.getByTestId("package-verdict")).toContainText("Verified");
    await expect(panel.getByTestId("package-files")).toContainText("run_stream.py");
    const { name, bytes } = await studio.download();
    expect(name).toBe("streaming_tutorial_model-onnxruntime.zip");
    downloaded = bytes;
    opened = readPackage(bytes);
    expect(studio.strayRequests("plain")).toEqual([]);
    await expect(page.getByTestId("notices")).toHaveCount(0);
  });

  test("the manifest alone is enough to stream; nothing differs without a cause", async () => {
    const { manifest } = opened;
    expect(manifest).toMatchObject({
      schema: 1,
      chunk: CHUNK,
      precision: "int8",
      schedule: { kind: "rotation", framesPerStep: 1 },
      warmUp: { wrongFrames: 0 },
      parity: { verdict: "exact" },
    });
    expect(manifest.modules).toHaveLength(2);
    expect(manifest.modules.flatMap((m) => m.caches.map((c) => c.value)).sort()).toEqual([...CACHED].sort());
    const { frames, different, differences } = manifest.quantization.integerParity;
    expect(frames).toBe(manifest.parity.frames);
    if (different > 0) expect(differences.length).toBeGreaterThan(0);
    for (const { cause } of differences) expect(["roundingTie", "upstream"]).toContain(cause);
    for (const precision of ["float", "int8"] as const) {
      const { compared, mismatches } = await rerunVectors(opened, await openModules(opened, precision));
      // 16 recorded steps of one output, two crossing tensors and four caches.
      expect(compared).toBe(16 * 7);
      expect(mismatches).toEqual([]);
    }
  });

  test("float streaming equals the original model on every step of the clip", async () => {
    const original = readFileSync(MODEL ?? "");
    const plan = parsePlan(JSON.stringify(readJson(opened, "plan.rill.json")));
    const frames = framesOfClip(plan, INPUT, BINS, readFileSync(SPEECH ?? ""));
    const steps = Math.floor(frames.count / CHUNK);
    const chunks = Array.from({ length: steps }, (_, k) => ({
      [INPUT]: span(frames, k * CHUNK, (k + 1) * CHUNK),
    }));
    const results = await stream(opened, await openModules(opened, "float"), chunks);

    const anyLength = await openAtAnyLength(original);
    const asItIs = await openSession(original);
    let low = 0;
    let high = 0;
    let worstPrefix = 0;
    let worstWindow = 0;
    for (const [k, values] of results.entries()) {
      const streamed = values[OUTPUT];
      const end = (k + 1) * CHUNK;
      const prefix = (await anyLength.run({ [INPUT]: span(frames, 0, end) }))[OUTPUT];
      if (!streamed || !prefix) throw new Error(`no output at step ${k}`);
      for (const value of prefix.data as Float32Array) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
      worstPrefix = Math.max(worstPrefix, maxDifference(streamed, prefix));
      // The last output of a window depends on 13 of its frames: the zeros before its first frame do not reach it.
      if (end < OWN_FRAMES) continue;
      const window = (await asItIs.run({ [INPUT]: span(frames, end - OWN_FRAMES, end) }))[OUTPUT];
      if (window) worstWindow = Math.max(worstWindow, maxDifference(streamed, window));
    }
    expect(steps).toBeGreaterThan(100);
    expect(high - low).toBeGreaterThan(0);
    expect(worstPrefix).toBeLessThanOrEqual(FLOAT_TOLERANCE * (high - low));
    expect(worstWindow).toBeLessThanOrEqual(FLOAT_TOLERANCE * (high - low));
  });

  test("the command line makes the same bytes from the same plan", async ({ browserName: _ }, testInfo) => {
    const plan = testInfo.outputPath("plan.rill.json");
    const output = testInfo.outputPath("from-the-command-line.zip");
    writeFileSync(plan, opened.files["plan.rill.json"] ?? "");
    const words = ["package", MODEL ?? "", "--data", SPEECH ?? "", "--plan", plan, "-o", output];
    await promisify(execFile)("npm", ["run", "--silent", "rill", "--", ...words], { cwd: ROOT });
    expect(zipDifference(downloaded, readFileSync(output))).toEqual([]);
  });
});

async function openAndMark(studio: StudioPage): Promise<void> {
  const { page } = studio;
  await studio.drop(MODEL ?? "");
  const graph = await studio.graph();
  await expect(page.getByTestId("model-name")).toHaveText("streaming_tutorial_model.onnx");
  await expect(graph).toHaveAttribute("data-node-count", /\d+/);
  await studio.drop(SPEECH ?? "");
  await expect(page.getByTestId("clip-list")).toContainText("sample1_16kHz.wav");
  await expect(page.getByLabel("Front end")).toHaveValue("logmel");
  await expect(page.getByLabel("Mel bands")).toHaveValue(String(BINS));

  const axis = await studio.step("axis");
  await expect(axis.getByRole("radio", { name: "axis 2" })).toBeChecked();
  await axis.getByLabel("Input frames per step").fill(String(CHUNK));
  await axis.getByLabel("Input frames per step").press("Enter");

  const caches = await studio.step("caches");
  for (const value of CACHED) await expect(caches.getByTestId(`cache-${value}`)).toContainText("proposed");
  await caches.getByRole("button", { name: /^Accept all/ }).click();
  for (const value of CACHED) await expect(caches.getByTestId(`cache-${value}`)).toContainText("accepted");
  await studio.expectState("caches", "done");

  const splits = await studio.step("splits");
  await studio.walkTo("Mul layer/layer.3");
  await page.keyboard.press("s");
  const crossing = splits.getByRole("table", { name: `Tensors that cross the cut at ${SPLIT}` });
  await expect(crossing.getByRole("row")).toHaveCount(2);
  await expect(crossing.getByTitle(RESIDUAL)).toBeVisible();
  await expect(graph.getByTestId(`split-chip-${SPLIT}`)).toBeVisible();
  await expect(splits.getByTestId("module-table").getByRole("row")).toHaveCount(3);
  const schedule = splits.getByTestId("schedule-table");
  await expect(schedule.getByRole("row", { name: /one module per step · used/ })).toBeVisible();
  await expect(splits.getByTestId("schedule-grid")).toBeVisible();
}

async function calibrateAndCompare(studio: StudioPage): Promise<void> {
  const { page } = studio;
  const calibrate = await studio.run("calibrate");
  await expect(calibrate.getByTestId("statistic-table").getByRole("row").first()).toBeVisible();
  await expect(calibrate.getByTestId("distribution-range")).toBeVisible();

  const results = await studio.run("results");
  await expect(results.getByTestId("verdict-parity")).toContainText("equals offline on every frame");
  await expect(results.getByTestId("verdict-int8")).toContainText(/\d\sdB/);
  await expect(results.getByTestId("verdict-integer")).toContainText("Every integer is equal");
  await results.getByRole("button", { name: "Plots" }).click();
  const plots = page.getByTestId("plots");
  await expect(plots.getByRole("figure", { name: `Streaming − offline: ${OUTPUT}` })).toBeVisible();
  await expect(plots.getByRole("figure", { name: `int8 − float: ${OUTPUT}` })).toBeVisible();
  await expect(plots.getByRole("figure", { name: /^SQNR of \d+ values/ })).toBeVisible();
  await results.getByRole("button", { name: "Layers" }).click();
  await expect(
    page
      .getByTestId("layer-table")
      .getByText(/\d\sdB/)
      .first(),
  ).toBeVisible();
}

function readJson({ files }: OpenedPackage, path: string): unknown {
  return JSON.parse(new TextDecoder().decode(files[path]));
}
