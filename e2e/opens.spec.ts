import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Page } from "@playwright/test";
import { type BackendCase, backendCases, sampleOf } from "../test/backend-tests.ts";
import { sharedData } from "../test/shared-data.ts";
import { expect, type StudioPage, sampleFile, test } from "./studio-page.ts";

/*
 * Models that nobody made for Rill, dropped one after the other on one page: each is drawn, or says what is wrong with it.
 * RILL_ALL=1 drops all operator tests of ONNX in place of 200.
 */

/** Drops per visit of the page, at most. */
const BATCH = 250;
/** A model may be large and the machine busy. */
const EACH_MS = 60_000;

/** The only models that cannot open, and by which code they say so. */
const INVALID: Readonly<Record<string, string>> = {
  "silero_op18_missing_external_data.onnx": "model.externalMissing",
};

/** What an evenly spread choice might miss: graphs in attributes, values that are no tensors, text, integers, training. */
const KINDS = [
  /^test_if/,
  /^test_loop/,
  /^test_scan/,
  /^test_sequence/,
  /^test_optional/,
  /^test_string|^test_equal_string/,
  /^test_quantizelinear/,
  /^test_qlinearconv/,
  /^test_adam/,
  /^test_training_dropout/,
  /^test_momentum/,
];

interface Outcome {
  readonly file: string;
  /** Ops that the picture shows; undefined if there is none. */
  readonly ops: number | undefined;
  /** Codes of everything that the page says of the file. */
  readonly codes: readonly string[];
}

const models = modelFiles();
test("every shared model is drawn, or says what is wrong", async ({ studio, page }, testInfo) => {
  test.skip(models.length === 0, "the shared models are not here");
  test.setTimeout(models.length * EACH_MS);
  const outcomes = await openAll(studio, page, models);
  writeFileSync(testInfo.outputPath("outcomes.json"), JSON.stringify(outcomes, undefined, 1));
  const wrong = outcomes.filter(({ file, ops, codes }) => {
    const invalid = INVALID[file];
    return invalid ? ops !== undefined || !codes.includes(invalid) : ops === undefined;
  });
  expect(wrong).toEqual([]);
  expect(outcomes.filter((o) => o.codes.includes("internal"))).toEqual([]);
});

const cases = choice(backendCases());
const batches = Math.max(1, Math.ceil(cases.length / BATCH));
for (let batch = 0; batch < batches; batch++) {
  const some = cases.slice(batch * BATCH, (batch + 1) * BATCH);
  test(`operator tests of ONNX are drawn, ${batch + 1} of ${batches}`, async ({ studio, page }, testInfo) => {
    test.skip(some.length === 0, "the operator tests are not here");
    test.setTimeout(some.length * EACH_MS);
    const folder = testInfo.outputPath("models");
    mkdirSync(folder);
    const files = some.map(({ name, modelFile }) => {
      const file = join(folder, `${name}.onnx`);
      copyFileSync(modelFile, file);
      return file;
    });
    const outcomes = await openAll(studio, page, files);
    writeFileSync(testInfo.outputPath("outcomes.json"), JSON.stringify(outcomes, undefined, 1));
    expect(outcomes.filter((o) => o.ops === undefined || o.codes.includes("internal"))).toEqual([]);
  });
}

/** Drops file after file on one page, and waits each time until the page has settled on a picture or a problem. */
async function openAll(studio: StudioPage, page: Page, files: readonly string[]): Promise<Outcome[]> {
  await studio.open();
  // Problems of a file that comes after another stand in notices, beside the picture of the model before.
  await studio.drop(sampleFile("tone-tcn.onnx"));
  await studio.graph();
  await page.getByTestId("tab-problems").click();
  const outcomes: Outcome[] = [];
  for (const path of files) {
    const file = basename(path);
    await studio.drop(path);
    const settled = await page.waitForFunction(settledOn, file, { timeout: EACH_MS, polling: 50 });
    const outcome = await settled.jsonValue();
    if (outcome) outcomes.push({ file, ...outcome });
    expect(studio.complaints, file).toEqual([]);
    const notices = page.getByTestId("notices");
    while ((await notices.count()) > 0)
      await notices.getByRole("button", { name: "Dismiss" }).first().click();
  }
  return outcomes;
}

/** In the page: the outcome of the drop of `file`; false while it is under way. */
function settledOn(file: string): Pick<Outcome, "ops" | "codes"> | false {
  const at = (id: string) => document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
  if (at("status")?.dataset.busy === "true") return false;
  const graph = at("graph");
  const drawn = at("model-name")?.textContent === file && graph?.dataset.ready === "true";
  if (!drawn && !at("notices") && !document.querySelector('[data-code="internal"]')) return false;
  const problems = document.querySelectorAll<HTMLElement>('[data-testid="problem"]');
  const codes = [...new Set([...problems].map((p) => p.dataset.code ?? ""))];
  return { ops: drawn ? Number(graph?.dataset.nodeCount) : undefined, codes };
}

/** About 200 cases spread over all, and one of every kind. */
function choice(all: readonly BackendCase[]): BackendCase[] {
  const first = KINDS.flatMap((kind) => all.find(({ name }) => kind.test(name)) ?? []);
  return [...new Set([...first, ...sampleOf(all, BATCH)])].slice(
    0,
    process.env.RILL_ALL ? all.length : BATCH,
  );
}

function modelFiles(): string[] {
  const root = sharedData("models");
  if (!root) return [];
  const files = readdirSync(root, { recursive: true, encoding: "utf8" }).sort();
  return files.filter((path) => path.endsWith(".onnx")).map((path) => join(root, path));
}
