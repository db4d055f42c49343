/* Rebuilds the sample projects: `npm run samples`. The trained model is made by train-tone-tcn.py and only read here. */
import { readFileSync, writeFileSync } from "node:fs";
import { sampleFiles } from "./sample-files.ts";

const FOLDER = new URL("../../public/samples/", import.meta.url);

for (const [name, bytes] of sampleFiles(readFileSync(new URL("tone-tcn.onnx", FOLDER)))) {
  writeFileSync(new URL(name, FOLDER), bytes);
}
