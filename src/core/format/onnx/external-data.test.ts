import { describe, expect, test } from "vitest";
import { StudioError } from "../../base/problem.ts";
import { decodeModel, externalFilesOf } from "./decode-model.ts";
import { encodeModel } from "./encode-model.ts";
import { bytesOf, entry, problemOf } from "./test-protos.ts";

describe("external data", () => {
  const external = (name: string, location: string, more: Record<string, string> = {}) => ({
    name,
    dims: [2n],
    dataType: 1,
    dataLocation: 1,
    externalData: [entry("location", location), ...Object.entries(more).map(([k, v]) => entry(k, v))],
  });
  const node = {
    opType: "Constant",
    output: ["c"],
    attribute: [{ name: "value", type: 4, t: external("c", "b.bin") }],
  };
  const bytes = bytesOf({
    graph: {
      initializer: [external("w", "a.bin", { offset: "4", length: "8" }), external("v", "a.bin")],
      node: [{ opType: "If", attribute: [{ name: "then_branch", type: 5, g: { node: [node] } }] }],
    },
    functions: [{ name: "F", node: [node] }],
    trainingInfo: [{ algorithm: { initializer: [external("t", "c.bin")] } }],
  });
  const data = (length: number) => Uint8Array.from({ length }, (_, i) => i);

  test("its files are listed, each once", () => {
    expect(externalFilesOf(bytes)).toEqual(["a.bin", "b.bin", "c.bin"]);
  });

  test("all missing files are named", () => {
    expect(problemOf(bytes)).toEqual({ code: "model.externalMissing", files: ["a.bin", "b.bin", "c.bin"] });
  });

  test("tensors are views into it, and the encoded model stands alone", () => {
    const a = data(16);
    const externals = new Map([
      ["a.bin", a],
      ["b.bin", data(8)],
      ["c.bin", data(8)],
    ]);
    const model = decodeModel(bytes, { externals });
    expect(model.graph.initializers.get("w")?.bytes).toEqual(a.subarray(4, 12));
    expect(model.graph.initializers.get("w")?.bytes.buffer).toBe(a.buffer);
    expect(model.graph.initializers.get("v")?.bytes).toEqual(a.subarray(0, 8));
    const alone = encodeModel(model);
    expect(externalFilesOf(alone)).toEqual([]);
    expect(decodeModel(alone)).toEqual(model);
  });

  test("a file too short is named with the tensor", () => {
    const externals = new Map(["a.bin", "b.bin", "c.bin"].map((name) => [name, data(10)]));
    expect(() => decodeModel(bytes, { externals })).toThrow(
      expect.objectContaining({
        problem: { code: "model.externalRange", file: "a.bin", tensor: "w", needBytes: 8, haveBytes: 6 },
      }),
    );
  });

  test("an offset that is no number is malformed", () => {
    const odd = bytesOf({ graph: { initializer: [external("w", "a.bin", { offset: "1e3" })] } });
    expect(() => decodeModel(odd, { externals: new Map([["a.bin", data(99)]]) })).toThrow(StudioError);
  });
});
