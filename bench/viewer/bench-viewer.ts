import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { chromium } from "@playwright/test";
import { ensureChromium } from "../../scripts/chromium.mjs";
import { serveFolder } from "../../scripts/serve.mjs";
import { ROOT } from "../../test/source-imports.ts";
import { branch, chain, unet } from "../../test/synthetic-graphs.ts";
import { generatedModel } from "../generated-model.ts";
import { measureModel, type ViewerTimes } from "./measure.ts";

/** The built page, which is measured as it is served. */
export const DIST = join(ROOT, "dist");
const SIZES = [1000, 5000, 20_000] as const;
const TOPOLOGIES = { chain, unet, branch } as const;
const OPEN_GOAL_MS: Readonly<Record<number, number>> = { 1000: 800, 5000: 1000, 20000: 1500 };
const FIRST_LOAD_GOAL_KB = 250;
const goals = (size: number): ViewerTimes => ({
  openMs: OPEN_GOAL_MS[size] ?? 0,
  // Nobody waits for it before looking at the graph.
  followMs: Number.POSITIVE_INFINITY,
  blockedMs: 50,
  panMs: 6,
  // Not the viewer's: what the browser and the measuring take of any key.
  keyMs: Number.POSITIVE_INFINITY,
  markMs: 8,
  // Nobody waits for it.
  settleMs: Number.POSITIVE_INFINITY,
  recolourMs: 16,
  searchMs: 20,
  heapMB: 60,
});

/** Measured once, on two cores without a GPU, of the same three kinds of graph; CPU ms and MB. */
const OTHERS: readonly (readonly [what: string, ...byColumn: string[]])[] = [
  ["Netron 9.2, chain 1,000", "2400", "–", "–", "17*", "–", "–", "–", "–", "–", "21"],
  ["Netron 9.2, chain 5,000", "7700", "–", "–", "50*", "–", "–", "–", "–", "–", "39"],
  ["Netron 9.2, chain 20,000", "36600", "–", "–", "183*", "–", "–", "–", "–", "–", "140"],
  ["React Flow 12.12 culled, 1,000", "1000", "–", "–", "9", "–", "9", "–", "196", "–", "13"],
  ["React Flow 12.12 culled, 5,000", "3200", "–", "–", "17", "–", "32", "–", "1400", "–", "74"],
  ["React Flow 12.12 culled, 20,000", "8600", "–", "–", "48", "–", "156", "–", "4300", "–", "237"],
];
const COLUMNS = [
  "open ms",
  "then ms",
  "blocked ms",
  "pan ms",
  "key ms",
  "mark ms",
  "then ms",
  "colour ms",
  "search ms",
  "heap MB",
] as const;

/**
 * Measures the models whose name has one of these parts, all if there is none, and prints a table. Needs a build.
 * @returns how many goals were missed.
 */
export async function benchViewer(parts: readonly string[]): Promise<number> {
  const executablePath = ensureChromium();
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: ["--no-sandbox", "--disable-gpu"],
  });
  const server = await serveFolder({ folder: DIST, port: 4480 });
  const folder = mkdtempSync(join(tmpdir(), "rill-bench-"));
  let missed = firstLoad();
  console.log(`\n${"".padEnd(34)}${COLUMNS.map((c) => c.padStart(12)).join("")}`);
  try {
    for (const { name, size, bytes } of generatedModels(parts)) {
      const file = join(folder, `${name}.onnx`);
      writeFileSync(file, bytes());
      missed += print(name, await measureModel(browser, server.url, file), goals(size));
    }
  } finally {
    await browser.close();
    await server.close();
    rmSync(folder, { recursive: true });
  }
  for (const [what, ...numbers] of OTHERS)
    console.log(`${what.padEnd(34)}${numbers.map((n) => n.padStart(12)).join("")}`);
  console.log("* wall ms of a scrolled frame, median.  ! over the goal.");
  console.log(
    "key: what any key costs, left out of mark.  then: what follows the picture, in all threads; of a mark, on the page's.",
  );
  return missed;
}

function generatedModels(parts: readonly string[]) {
  const all = Object.entries(TOPOLOGIES).flatMap(([kind, make]) =>
    SIZES.flatMap((size) =>
      (["scoped", "flat"] as const).map((names) => ({
        name: `${kind}-${size}-${names}`,
        size,
        bytes: () => generatedModel(make(size), names),
      })),
    ),
  );
  return parts.length === 0 ? all : all.filter(({ name }) => parts.some((part) => name.includes(part)));
}

function print(name: string, times: ViewerTimes, goal: ViewerTimes): number {
  const keys = Object.keys(goal) as (keyof ViewerTimes)[];
  const over = keys.filter((key) => !(times[key] <= goal[key]));
  const cells = keys.map((key) => `${times[key].toFixed(1)}${over.includes(key) ? "!" : " "}`.padStart(12));
  console.log(`${name.padEnd(34)}${cells.join("")}`);
  return over.length;
}

/** JavaScript that the page asks for before anything is opened: what index.html names. The worker brings the runtime. */
function firstLoad(): number {
  const html = readFileSync(join(DIST, "index.html"), "utf8");
  const scripts = readdirSync(join(DIST, "assets")).filter((f) => f.endsWith(".js") && html.includes(f));
  const kB = scripts.reduce((n, f) => n + gzipSync(readFileSync(join(DIST, "assets", f))).length, 0) / 1000;
  const met = kB <= FIRST_LOAD_GOAL_KB;
  console.log(
    `first load ${kB.toFixed(0)} kB gz of JavaScript, goal ≤ ${FIRST_LOAD_GOAL_KB}: ${met ? "met" : "MISSED"}`,
  );
  return met ? 0 : 1;
}
