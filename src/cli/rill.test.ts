import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { noise } from "../../test/array-clip.ts";
import { sharedData } from "../../test/shared-data.ts";
import { encodeNpy } from "../core/format/npy/encode-npy.ts";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import { makeModel } from "../core/format/onnx/make-model.ts";
import { intsAttribute, makeNode } from "../core/ir/graph.ts";
import { rill } from "./rill.ts";

const folder = mkdtempSync(join(tmpdir(), "rill-cli-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (...parts: string[]) => join(folder, ...parts);

const conv = (x: string, y: string, dilation: number) =>
  makeNode("Conv", [x, `${y}.weight`], [y], {
    kernel_shape: intsAttribute([3]),
    dilations: intsAttribute([dilation]),
    pads: intsAttribute([2 * dilation, 0]),
  });
const tcn = encodeModel(
  makeModel(
    {
      name: "tcn",
      inputs: [{ name: "x", dtype: "float32", shape: [1, 4, "T"] }],
      outputs: [{ name: "y", dtype: "float32", shape: [1, 3, "T"] }],
      initializers: new Map([
        ["a.weight", noise([4, 4, 3], 2)],
        ["y.weight", noise([3, 4, 3], 3)],
      ]),
      nodes: [conv("x", "a", 2), makeNode("Relu", ["a"], ["b"]), conv("b", "y", 1)],
      values: new Map(),
    },
    { opset: 17 },
  ),
);
writeFileSync(at("tcn.onnx"), tcn);
writeFileSync(at("broken.onnx"), tcn.subarray(0, tcn.length / 2));
mkdirSync(at("data"));
writeFileSync(at("data", "b.npy"), encodeNpy(noise([1, 4, 60], 5)));
writeFileSync(at("data", "a.npy"), encodeNpy(noise([1, 4, 90], 6)));
writeFileSync(at("data", "notes.txt"), "not data");

async function run(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const answer = { code: -1, out: "", err: "" };
  const terminal = {
    out: (text: string) => {
      answer.out += text;
    },
    err: (text: string) => {
      answer.err += text;
    },
  };
  answer.code = await rill(words, terminal);
  return answer;
}

describe("rill", () => {
  test("inspect tells what streams", async () => {
    const text = await run("inspect", at("tcn.onnx"));
    expect(text).toMatchObject({ code: 0, err: "" });
    expect(text.out).toMatch(/x +float32 +\[1, 4, T\] +time axis 2/);
    const { out } = await run("inspect", at("tcn.onnx"), "--json");
    expect(JSON.parse(out)).toMatchObject({
      facts: { y: { kind: "stream", axis: 2 } },
      refusals: [],
      ops: { Conv: 2 },
    });
  });

  test("stream writes modules and a manifest only once they are proved", async () => {
    const { code, out } = await run(
      "stream",
      at("tcn.onnx"),
      "--split",
      "b",
      "--chunk",
      "2",
      "-o",
      at("streamed"),
      "--json",
    );
    expect(code).toBe(0);
    const answer = JSON.parse(out);
    const manifest = JSON.parse(readFileSync(at("streamed", "manifest.json"), "utf8"));
    expect(manifest).toMatchObject({ schema: 1, chunk: 2, quantization: null, parity: { verdict: "exact" } });
    expect(answer.modules).toEqual(manifest.modules);
    expect(answer.files.map((f: { path: string }) => f.path).sort()).toEqual(
      readdirSync(at("streamed")).sort(),
    );
    for (const { file } of manifest.modules) expect(existsSync(at("streamed", file))).toBe(true);
    const proved = readFileSync(at("streamed", "parity.json"));
    expect(JSON.parse(proved.toString("utf8"))).toMatchObject({
      schema: 1,
      chunk: 2,
      proof: { verdict: "passed" },
    });
    expect(answer.proof.verdict).toBe("passed");
    const again = await run("stream", at("tcn.onnx"), "--split", "b", "--chunk", "2", "-o", at("again"));
    expect(again.out).toMatch(/proof: proved\n +Same structure +passed/);
    expect(readFileSync(at("again", "parity.json")).equals(proved)).toBe(true);
  });

  test("package verifies, and its own plan gives the same bytes again", async () => {
    const first = await run(
      "package",
      at("tcn.onnx"),
      "--data",
      at("data"),
      "--target",
      "onnxruntime",
      "-o",
      at("a.zip"),
      "--json",
    );
    expect(first).toMatchObject({ code: 0, err: "" });
    const answer = JSON.parse(first.out);
    expect(answer).toMatchObject({ verified: true, parity: { clips: ["a.npy", "b.npy"] } });
    expect(answer.quantization.integerParity.different).toBe(0);
    expect(answer.modules[0].caches[0]).toMatchObject({ dtype: "int8" });
    writeFileSync(at("plan.rill.json"), JSON.stringify(answer.plan));
    const files = ["b.npy", "a.npy"].map((name) => at("data", name));
    const again = await run(
      "package",
      at("tcn.onnx"),
      "--data",
      ...files,
      "--plan",
      at("plan.rill.json"),
      "-o",
      at("b.zip"),
    );
    expect(again).toMatchObject({ code: 0, err: "" });
    expect(readFileSync(at("b.zip")).equals(readFileSync(at("a.zip")))).toBe(true);
    expect(await run("verify", at("a.zip"))).toMatchObject({ code: 0, err: "" });
    const { out } = await run("verify", at("a.zip"), "--json");
    expect(JSON.parse(out)).toMatchObject({ verified: true, modules: answer.modules });
  });

  test("problems are one line with a code, exit 2, and leave nothing behind", async () => {
    const before = readdirSync(folder).sort();
    writeFileSync(
      at("other.rill.json"),
      JSON.stringify({ schema: 1, chunk: 1, model: { name: "x", sha256: "0".repeat(64) } }),
    );
    const out = at("never");
    const cases: [string, string[]][] = [
      ["cli.usage", []],
      ["cli.usage", ["explode"]],
      ["cli.usage", ["stream", at("tcn.onnx")]],
      ["cli.usage", ["package", at("tcn.onnx"), "-o", out]],
      ["cli.usage", ["stream", at("tcn.onnx"), "-o", out, "--axis", "x"]],
      ["file.notFound", ["inspect", at("none.onnx")]],
      ["model.malformed", ["stream", at("broken.onnx"), "-o", out]],
      ["stream.axisInvalid", ["stream", at("tcn.onnx"), "-o", out, "--axis", "x=3"]],
      ["plan.unknownValue", ["stream", at("tcn.onnx"), "-o", out, "--split", "nothing"]],
      ["plan.otherModel", ["stream", at("tcn.onnx"), "-o", out, "--plan", at("other.rill.json")]],
      ["plan.malformed", ["stream", at("tcn.onnx"), "-o", out, "--plan", at("data", "notes.txt")]],
      [
        "plan.unknownTarget",
        ["package", at("tcn.onnx"), "--data", at("data"), "--target", "abacus", "-o", out],
      ],
      ["data.none", ["package", at("tcn.onnx"), "--data", at("streamed"), "-o", out]],
      [
        "features.invalid",
        ["package", at("tcn.onnx"), "--data", at("data"), "--features", "x:hops=3", "-o", out],
      ],
      ["package.malformed", ["verify", at("tcn.onnx")]],
    ];
    for (const [problem, words] of cases) {
      const answer = await run(...words);
      expect([words, answer.code, answer.out]).toEqual([words, 2, ""]);
      expect(answer.err).toMatch(new RegExp(`^${problem}: .+\\n$`));
    }
    rmSync(at("other.rill.json"));
    expect(readdirSync(folder).sort()).toEqual(before);
  });

  test("a damaged package is told and exits 1", async () => {
    const bytes = readFileSync(at("a.zip"));
    // Stored entries keep their bytes: change one inside a test vector, past its header.
    const text = bytes.toString("latin1");
    const entry = text.indexOf("vectors/float/");
    bytes[entry + 400] = (bytes[entry + 400] ?? 0) ^ 0x40;
    writeFileSync(at("damaged.zip"), bytes);
    const answer = await run("verify", at("damaged.zip"));
    expect(answer.code).toBe(1);
    expect(answer.out).toContain("FAILED");
  });

  test("help says every command", async () => {
    const { code, out } = await run("--help");
    expect(code).toBe(0);
    for (const name of ["inspect", "stream", "package", "verify"]) expect(out).toContain(`rill ${name}`);
  });
});

const tutorial = sharedData("models/espressif__esp-dl/streaming_tutorial_model.onnx");
const speech = sharedData("audio/Jakobovski__free-spoken-digit-dataset/0_george_0.wav");

describe.skipIf(!tutorial || !speech)(
  "rill on the tutorial's model and speech (needs ../shared/data)",
  () => {
    test("packages two modules: float parity within the runtime's noise, int8 equal on all frames", async () => {
      const words = ["--data", speech ?? "", "--split", "/Add_output_0", "--target", "onnxruntime"];
      const { code, out } = await run(
        "package",
        tutorial ?? "",
        ...words,
        "-o",
        at("tutorial.zip"),
        "--json",
      );
      expect(code).toBe(0);
      const { parity, quantization, modules } = JSON.parse(out);
      expect(modules).toHaveLength(2);
      expect(parity.verdict).toBe("exact");
      for (const output of parity.outputs) expect(output.maxRelative).toBeLessThanOrEqual(5e-6);
      expect(quantization.integerParity).toMatchObject({ different: 0, differences: [] });
      expect(quantization.integerParity.elements).toBeGreaterThan(1000);
    });
  },
);
