import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { noise } from "../../test/array-clip.ts";
import { runRill } from "../../test/run-rill.ts";
import { encodeNpy } from "../core/format/npy/encode-npy.ts";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import { makeModel } from "../core/format/onnx/make-model.ts";
import { makeNode } from "../core/ir/graph.ts";

const folder = mkdtempSync(join(tmpdir(), "rill-place-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (...parts: string[]) => join(folder, ...parts);

const oneNode = (op: string) =>
  encodeModel(
    makeModel(
      {
        name: op,
        inputs: [{ name: "x", dtype: "float32", shape: [1, 4, "T"] }],
        outputs: [{ name: "y", dtype: "float32", shape: [1, 4, "T"] }],
        initializers: new Map(),
        nodes: [makeNode(op, ["x"], ["y"], {}, "only")],
        values: new Map(),
      },
      { opset: 17 },
    ),
  );
writeFileSync(at("relu.onnx"), oneNode("Relu"));
// ESP-DL has no kernel for it, and ESP-PPQ makes it no table.
writeFileSync(at("softsign.onnx"), oneNode("Softsign"));
writeFileSync(at("x.npy"), encodeNpy(noise([1, 4, 30], 6)));
writeFileSync(at("file"), "here first");
beforeEach(() => {
  rmSync(at("out"), { recursive: true, force: true });
  mkdirSync(at("out"));
});

const packing = (model: string, output: string, ...more: string[]) =>
  runRill("package", at(model), "--data", at("x.npy"), "--axis", "x=2", "-o", output, ...more);

describe("a place that cannot be written", () => {
  test.each([
    ["a folder in the place of the zip", "out", "it is a folder"],
    ["a folder that is not there", join("out", "deeper", "a.zip"), "there is no folder"],
    ["a file in the place of the folder", join("file", "a.zip"), "there is no folder"],
  ])("package: %s", async (_, path, sentence) => {
    const { code, err, out } = await packing("relu.onnx", at(path), "--target", "onnxruntime");
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^file\.notWritable: /);
    expect(err).toContain(sentence);
    expect(readdirSync(at("out"))).toEqual([]);
  });

  test("it is told before the data are read", async () => {
    const { err } = await runRill("package", at("relu.onnx"), "--data", at("none.npy"), "-o", at("out"));
    expect(err).toMatch(/^file\.notWritable: /);
  });

  test("stream: a file in the place of the folder", async () => {
    const { code, err } = await runRill("stream", at("relu.onnx"), "--axis", "x=2", "-o", at("file"));
    expect(code).toBe(2);
    expect(err).toMatch(/^file\.notWritable: .*file.*not a folder/);
  });

  test("reading a folder says so", async () => {
    const { code, err } = await runRill("inspect", folder);
    expect(code).toBe(2);
    expect(err).toMatch(/^file\.notReadable: .*is a folder/);
  });
});

describe("several targets", () => {
  test("one that fails is named, and nothing is written", async () => {
    const targets = ["--target", "onnxruntime,esp32-s3", "--compatible", "esp-ppq"];
    const { code, err, out } = await packing("softsign.onnx", at("out", "a.zip"), ...targets);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(
      /^target\.noKernel: .*\nThis was for the target esp32-s3\. No package was written\.\n$/,
    );
    expect(readdirSync(at("out"))).toEqual([]);
  });

  test("one that is named twice is packaged once", async () => {
    const { code, out } = await packing("relu.onnx", at("out", "a.zip"), "--target", "esp32-s3,esp32s3");
    expect(code).toBe(0);
    expect(out.match(/written to/g)).toHaveLength(1);
    expect(readdirSync(at("out"))).toEqual(["a.zip"]);
  });
});

test("a model whose input is all that a chip's observers see", async () => {
  const { code, err } = await packing("softsign.onnx", at("out", "a.zip"), "--target", "esp32-p4");
  expect([code, err]).toEqual([0, ""]);
});

test("8 bits are what a target has that is no chip", async () => {
  const target = ["--target", "onnxruntime", "--bits", "8"];
  const { code, err } = await packing("relu.onnx", at("out", "a.zip"), ...target);
  expect([code, err]).toEqual([0, ""]);
});

describe("options without effect are refused", () => {
  test.each([
    ["--bits", "16"],
    ["--int16", "only"],
    ["--caches", "explicit"],
    ["--compatible", "esp-ppq"],
    ["--offline"],
  ])("%s without a chip", async (...option) => {
    const { code, err } = await packing(
      "relu.onnx",
      at("out", "a.zip"),
      "--target",
      "onnxruntime",
      ...option,
    );
    expect([code, readdirSync(at("out"))]).toEqual([2, []]);
    expect(err).toMatch(new RegExp(`^cli\\.usage: ${option[0]} is for chips`));
  });

  test("converting with --offline", async () => {
    const chip = ["--target", "esp32-s3", "--offline"];
    const { code, err } = await packing("relu.onnx", at("out", "a.zip"), ...chip, "--chunk", "2");
    expect(code).toBe(2);
    expect(err).toMatch(/^cli\.usage: --(axis|chunk) is for streaming/);
  });

  test("a model with states needs no word about them to stay as it is", async () => {
    const port = (name: string) => ({ name, dtype: "float32" as const, shape: [1, 4] });
    const graph = {
      name: "states",
      inputs: [port("x"), port("h")],
      outputs: [port("y"), port("h_out")],
      initializers: new Map(),
      nodes: [makeNode("Add", ["x", "h"], ["y"]), makeNode("Relu", ["y"], ["h_out"])],
      values: new Map(),
    };
    writeFileSync(at("states.onnx"), encodeModel(makeModel(graph, { opset: 17 })));
    const chip = ["--target", "esp32-s3", "--offline", "-o", at("out", "a.zip")];
    const { err } = await runRill("package", at("states.onnx"), "--data", at("x.npy"), ...chip);
    expect(err).toMatch(/^npy\.shape: .*one input/);
  });

  test("--offline for a chip and another target", async () => {
    const { err } = await packing("relu.onnx", at("out", "a.zip"), "--target", "c,onnxruntime", "--offline");
    expect(err).toMatch(/^cli\.usage: --offline is for chips alone/);
  });
});

test("a reader that goes away ends nothing", () => {
  const script = `npx tsx ${join(import.meta.dirname, "main.ts")} inspect ${at("relu.onnx")} --json`;
  // The reader is gone before the first byte is written.
  const { stderr, stdout } = spawnSync("bash", ["-c", `(${script}; echo "code $?" >&2) | true`], {
    encoding: "utf8",
  });
  expect(stdout).toBe("");
  expect(stderr).toContain("code 0");
  expect(stderr).not.toContain("EPIPE");
  expect(existsSync(at("relu.onnx"))).toBe(true);
});

describe("data that are none", () => {
  const whole = ["--target", "esp32-p4", "--offline", "-o", at("out", "a.zip")];
  const given = async (file: string, more: readonly string[]) =>
    (await runRill("package", at("relu.onnx"), "--data", at(file), ...more)).err;

  test("audio for a whole model, an archive, a model: each is named", async () => {
    writeFileSync(at("a.wav"), "RIFF\x24\0\0\0WAVEfmt ", "latin1");
    writeFileSync(at("a.npz"), "PK\x03\x04", "latin1");
    const streaming = ["--axis", "x=2", "--target", "onnxruntime", "-o", at("out", "a.zip")];
    expect(await given("a.wav", whole)).toMatch(/^data\.notArray: .*a\.wav/);
    expect(await given("a.npz", whole)).toMatch(/^file\.foreign: .*a\.npz.* archive of NumPy arrays/);
    expect(await given("a.npz", streaming)).toMatch(/^file\.foreign: .*a\.npz.* archive of NumPy arrays/);
    expect(await given("relu.onnx", streaming)).toMatch(/^file\.foreign: .* is a model/);
  });
});
