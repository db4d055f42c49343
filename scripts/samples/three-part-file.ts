/*
 * The three-part demo with sizes of your own:
 *   npx tsx scripts/samples/three-part-file.ts OUT.onnx [--kernel 5] [--dilation 4] [--channels 48] [--frames 24] …
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { encodeModel } from "../../src/core/format/onnx/encode-model.ts";
import { buildThreePart, THREE_PART } from "./three-part.ts";

const sizes = [
  "inputChannels",
  "channels",
  "outputChannels",
  "kernel",
  "dilation",
  "frames",
  "seed",
] as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: Object.fromEntries(sizes.map((name) => [name, { type: "string" as const }])),
});
const [out] = positionals;
const given = Object.entries(values).map(([name, text]) => [name, Number(text)] as const);
if (out === undefined || given.some(([, n]) => !Number.isInteger(n) || n < 1)) {
  console.error(`usage: three-part-file.ts OUT.onnx ${sizes.map((s) => `[--${s} N]`).join(" ")}`);
  process.exit(2);
}
writeFileSync(out, encodeModel(buildThreePart({ ...THREE_PART, ...Object.fromEntries(given) })));
