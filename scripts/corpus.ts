import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { createRuntime } from "../src/runtime/ort.ts";
import { sharedData } from "../test/shared-data.ts";
import { assessModel, type CorpusRow } from "./corpus/assess-model.ts";
import { corpusTable } from "./corpus/table.ts";

/*
 * What becomes of every model of a folder (default: ../shared/data/models), as a markdown table. Exit code 1 if anything
 * happened that must not: a crash, a silent difference, a fact that measuring contradicts.
 */
const folder = process.argv[2] ?? sharedData("models");
if (folder === undefined) {
  console.error("corpus: name a folder with .onnx files; ../shared/data/models is absent");
  process.exit(2);
}
const runtime = createRuntime();
const path = sharedData("audio/google__lyra/sample1_16kHz.wav");
const speech = path
  ? { file: basename(path), bytes: () => Promise.resolve(new Uint8Array(readFileSync(path))) }
  : undefined;
const files = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".onnx"))
  .sort();
const rows: CorpusRow[] = [];
for (const file of files) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${file}`);
  const bytes = { name: basename(file), bytes: new Uint8Array(readFileSync(join(folder, file))) };
  rows.push(...(await assessModel(file, bytes, { runtime, speech })));
}
if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
console.log(corpusTable(rows));
const bugs = rows.filter((r) => r.outcome === "BUG");
for (const { file, said } of bugs) console.error(`\nBUG ${file}\n${said}`);
process.exitCode = bugs.length > 0 ? 1 : 0;
