import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noise } from "../../test/array-clip.ts";
import { runRill } from "../../test/run-rill.ts";
import { sha256Hex } from "../core/base/sha256.ts";
import { encodeUtf8 } from "../core/base/utf8.ts";
import { CHECKSUM_FILE } from "../core/export/checksums.ts";
import { unzipFiles, zipFiles } from "../core/export/zip.ts";
import { decodeEspdlModel } from "../core/format/espdl/decode-espdl.ts";
import { encodeEspdlModel } from "../core/format/espdl/encode-espdl.ts";
import { encodeNpy } from "../core/format/npy/encode-npy.ts";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import { makeModel } from "../core/format/onnx/make-model.ts";
import { intsAttribute, makeNode } from "../core/ir/graph.ts";

const folder = mkdtempSync(join(tmpdir(), "rill-verify-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (...parts: string[]) => join(folder, ...parts);

const conv = (x: string, y: string) =>
  makeNode("Conv", [x, `${y}.weight`], [y], {
    kernel_shape: intsAttribute([3]),
    dilations: intsAttribute([1]),
    pads: intsAttribute([2, 0]),
  });

let files: ReadonlyMap<string, Uint8Array> = new Map();

beforeAll(async () => {
  const model = makeModel(
    {
      name: "two",
      inputs: [{ name: "x", dtype: "float32", shape: [1, 4, "T"] }],
      outputs: [{ name: "y", dtype: "float32", shape: [1, 3, "T"] }],
      initializers: new Map([
        ["a.weight", noise([4, 4, 3], 2)],
        ["y.weight", noise([3, 4, 3], 3)],
      ]),
      nodes: [conv("x", "a"), conv("a", "y")],
      values: new Map(),
    },
    { opset: 17 },
  );
  writeFileSync(at("two.onnx"), encodeModel(model));
  writeFileSync(at("x.npy"), encodeNpy(noise([1, 4, 60], 5)));
  const target = ["--target", "esp32-s3", "--split", "a"];
  await runRill("package", at("two.onnx"), "--data", at("x.npy"), ...target, "-o", at("whole.zip"));
  files = unzipFiles(new Uint8Array(readFileSync(at("whole.zip"))), "whole.zip");
}, 60_000);

/** `rill verify` of the package with one file changed, and checksums that agree with the change. */
async function verifyWith(path: string, change: (bytes: Uint8Array) => Uint8Array) {
  const bytes = files.get(path);
  if (!bytes) throw new Error(`no ${path}`);
  const changed = new Map(files).set(path, change(new Uint8Array(bytes)));
  const listed = [...changed.keys()].filter((p) => p !== CHECKSUM_FILE).sort();
  const sums = listed.map((p) => `${sha256Hex(changed.get(p) ?? new Uint8Array(0))}  ${p}\n`);
  changed.set(CHECKSUM_FILE, encodeUtf8(sums.join("")));
  writeFileSync(at("changed.zip"), zipFiles(changed));
  return runRill("verify", at("changed.zip"));
}

const lastByte = (bytes: Uint8Array) => {
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return bytes;
};

test("the package itself is verified, and its checksums are of this form", async () => {
  expect(await runRill("verify", at("whole.zip"))).toMatchObject({ code: 0, err: "" });
  expect(await verifyWith("README.md", (bytes) => bytes)).toMatchObject({ code: 0 });
});

test("the image in flash holds the models that were run", async () => {
  const { code, out } = await verifyWith("main/models.bin", (bytes) => {
    const { initializers } = decodeEspdlModel(bytes).graph;
    for (const weight of initializers.values()) if (weight.name.endsWith("weight")) lastByte(weight.bytes);
    return bytes;
  });
  expect(code).toBe(1);
  expect(out).toMatch(/FAILED +well-formed +main\/models\.bin/);
});

test("every vector is compared with what the run reads or makes", async () => {
  const vectors = [...files.keys()].filter((path) =>
    /^vectors\/.*\/(cache|input|output|next)-.*\.npy$/.test(path),
  );
  // Two modules in float and two for the chip, each with an input, a cache before and after, and an output.
  expect(vectors).toHaveLength(16);
  for (const path of vectors) {
    const { code, out } = await verifyWith(path, (bytes) => {
      // The sign of the last number of the last step, or half of its range.
      bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 0x80;
      return bytes;
    });
    expect([path, code], out).toEqual([path, 1]);
  }
});

test("a model that is damaged inside is a failed check, not a crash", async () => {
  const { code, out, err } = await verifyWith("models/two_1.espdl", (bytes) => {
    const model = decodeEspdlModel(bytes);
    const nodes = model.graph.nodes.map((node) => ({ ...node, inputs: node.inputs.slice(0, 1) }));
    return encodeEspdlModel({ ...model, graph: { ...model.graph, nodes } });
  });
  expect([code, err]).toEqual([1, ""]);
  expect(out).toMatch(/FAILED +loaded +models\/two_1\.espdl +espdl\.invalid/);
});
