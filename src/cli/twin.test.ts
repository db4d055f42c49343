import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { GraphSketch, integers, must } from "../../test/stream-lab.ts";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import { makeModel } from "../core/format/onnx/make-model.ts";
import { defaultPlan } from "../core/plan/default-plan.ts";
import { prepare } from "../engine/evaluate.ts";
import { openModel } from "../engine/open-model.ts";
import { rill } from "./rill.ts";

const folder = mkdtempSync(join(tmpdir(), "rill-twin-"));
const at = (name: string): string => join(folder, name);

async function run(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ["", ""];
  const code = await rill(words, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
}

beforeAll(() => {
  const sketch = new GraphSketch(4);
  const x = sketch.input("x", [1, 4, "T"]);
  const offline = sketch.model([sketch.conv(x, [2, 4, 3], { pads: [2, 0] })]);
  const bytes = encodeModel(offline);
  writeFileSync(at("offline.onnx"), bytes);
  const opened = openModel([{ name: "offline.onnx", bytes }]);
  const [module] = prepare(opened, defaultPlan(opened, { axes: { x: 2 }, chunk: 1 })).streaming.model.modules;
  const { graph } = must(module);
  writeFileSync(at("streaming.onnx"), encodeModel(makeModel(graph, { opset: 17 })));
  const bias = must([...graph.initializers].find(([, t]) => t.dims.length === 1 && t.dtype === "float32"))[0];
  const initializers = new Map([...graph.initializers, [bias, integers(77, [2], 9)]]);
  writeFileSync(at("other.onnx"), encodeModel(makeModel({ ...graph, initializers }, { opset: 17 })));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("rill twin", () => {
  test("prints states, outputs and the verdict", async () => {
    const { code, out, err } = await run("twin", at("offline.onnx"), at("streaming.onnx"));
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toMatch(/cache\.x +→ +cache\.x\.next +\[1, 4, 2\]/);
    expect(out).toContain("streaming against offline: equal");
    const told = await run(
      "twin",
      at("offline.onnx"),
      at("streaming.onnx"),
      "--state",
      "cache.x=cache.x.next",
    );
    expect(told).toMatchObject({ code: 0, out: expect.stringContaining("100 % (confirmed)") });
    const wrong = await run("twin", at("offline.onnx"), at("streaming.onnx"), "--state", "cache.x=y");
    expect(wrong).toMatchObject({ code: 2, err: expect.stringMatching(/^stream\.stateInvalid: /) });
  });

  test("answers with 1 and the first bad frame if they differ", async () => {
    const { code, out } = await run("twin", at("offline.onnx"), at("other.onnx"));
    expect(code).toBe(1);
    expect(out).toContain("first bad frame 0");
    const json = JSON.parse((await run("twin", at("offline.onnx"), at("other.onnx"), "--json")).out);
    expect(json).toMatchObject({ verdict: "different", chunk: 1, stateBytes: 32, outputs: [{ axis: 2 }] });
  });

  test("names what is wrong with the words", async () => {
    for (const words of [
      [],
      [at("offline.onnx")],
      ["a", "b", "c"],
      [at("offline.onnx"), at("streaming.onnx"), "--delay", "1.5"],
      [at("offline.onnx"), at("streaming.onnx"), "--tolerance", "much"],
    ]) {
      const { code, err } = await run("twin", ...words);
      expect(code).toBe(2);
      expect(err).toMatch(/^cli\.usage: /);
    }
    expect((await run("help")).out).toContain("rill twin");
  });
});

describe("rill inspect", () => {
  test("says that a model already streams, and lists its states", async () => {
    const { out } = await run("inspect", at("streaming.onnx"));
    expect(out).toMatch(/Already streaming: 32 bytes[\s\S]*cache\.x +→ +cache\.x\.next/);
    expect(JSON.parse((await run("inspect", at("streaming.onnx"), "--json")).out).states).toHaveLength(1);
    expect((await run("inspect", at("offline.onnx"))).out).not.toContain("Already");
  });

  test("--probe measures the model", async () => {
    const { code, out } = await run("inspect", at("offline.onnx"), "--probe");
    expect(code).toBe(0);
    expect(out).toMatch(/Measured at 24, 47, 48 frames: 1 values, 1 depend on time; nothing contradicts/);
    const { probe } = JSON.parse((await run("inspect", at("offline.onnx"), "--probe", "--json")).out);
    expect(probe).toMatchObject({ findings: [], values: [{ axis: 2, field: { past: 2, future: 0 } }] });
  });
});
