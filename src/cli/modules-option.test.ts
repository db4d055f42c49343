import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { noise } from "../../test/array-clip.ts";
import { runRill } from "../../test/run-rill.ts";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import { makeModel } from "../core/format/onnx/make-model.ts";
import { intsAttribute, makeNode, type Node } from "../core/ir/graph.ts";
import type { Tensor } from "../core/ir/tensor.ts";

const folder = mkdtempSync(join(tmpdir(), "rill-modules-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string) => join(folder, name);

/** Four causal convolutions, the second with stride 2. */
function strided(): Uint8Array {
  const nodes: Node[] = [];
  const initializers = new Map<string, Tensor>();
  for (const [i, stride] of [1, 2, 1, 1].entries()) {
    initializers.set(`w${i}`, noise([4, 4, 3], i + 1));
    const attributes = { pads: intsAttribute([2, 0]), strides: intsAttribute([stride]) };
    nodes.push(makeNode("Conv", [i === 0 ? "x" : `v${i - 1}`, `w${i}`], [`v${i}`], attributes));
  }
  const graph = {
    name: "strided",
    inputs: [{ name: "x", dtype: "float32", shape: [1, 4, "T"] }],
    outputs: [{ name: "v3", dtype: "float32", shape: [1, 4, "U"] }],
    initializers,
    nodes,
    values: new Map(),
  } as const;
  return encodeModel(makeModel(graph, { opset: 17 }));
}
writeFileSync(at("strided.onnx"), strided());

test("--modules balances, and the plan replays as plain splits", async () => {
  const balanced = ["--chunk", "4", "--modules", "3", "--no-prove", "-o", at("balanced")];
  const first = await runRill("stream", at("strided.onnx"), ...balanced, "--json");
  expect(first.err).toBe("");
  const { plan, modules, streaming } = JSON.parse(first.out);
  expect(plan.splits).toHaveLength(2);
  expect(modules).toHaveLength(3);
  const { table, chosen } = streaming.schedule;
  const peak = (scheme: string) => table.find((r: { scheme: string }) => r.scheme === scheme).peakMacs;
  expect(peak(chosen)).toBeLessThan(peak("wholeChunk"));
  writeFileSync(at("again.rill.json"), JSON.stringify(plan));
  const again = ["--plan", at("again.rill.json"), "--no-prove", "-o", at("again")];
  expect((await runRill("stream", at("strided.onnx"), ...again)).out).toMatch(/before {2}.*\n {2}after/);
  const manifest = (name: string) => readFileSync(join(at(name), "manifest.json"));
  expect(manifest("again").equals(manifest("balanced"))).toBe(true);
});

test("a chunk below the stride is possible once the model is split before it", async () => {
  const words = ["--chunk", "1", "--no-prove", "-o", at("slow")];
  const whole = await runRill("stream", at("strided.onnx"), ...words);
  expect(whole.err).toMatch(/^stream.chunkMultiple: /);
  const split = await runRill("stream", at("strided.onnx"), ...words, "--modules", "2", "--json");
  const { plan, modules, parity } = JSON.parse(split.out);
  expect(plan.splits).toEqual(["v0"]);
  expect(modules.map((m: { period: number }) => m.period)).toEqual([1, 2]);
  expect(parity.verdict).toBe("exact");
});

test("more modules than places are a problem, and so are splits beside a number of modules", async () => {
  const out = ["-o", at("none")];
  const many = await runRill("stream", at("strided.onnx"), "--chunk", "2", "--modules", "9", ...out);
  expect([many.code, many.err]).toEqual([2, expect.stringMatching(/^plan.modulesImpossible: .*\b4\b/)]);
  const both = await runRill("stream", at("strided.onnx"), "--modules", "2", "--split", "v0", ...out);
  expect([both.code, both.err]).toEqual([2, expect.stringMatching(/^cli.usage: /)]);
});
