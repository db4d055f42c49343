import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { externalModel } from "../../test/external-model.ts";
import { StudioError } from "../core/base/problem.ts";
import { encodeEspdlModel } from "../core/format/espdl/encode-espdl.ts";
import { packModels } from "../core/format/espdl/pack-container.ts";
import { smallModel } from "../core/format/espdl/small-model.fixture.ts";
import { floats, floatTensor } from "../core/ir/tensor.ts";
import { analyse } from "./analyse.ts";
import { type NamedBytes, openModel } from "./open-model.ts";
import { summarize } from "./summarize.ts";

const model = (locations: readonly string[]): NamedBytes => ({
  name: "m.onnx",
  bytes: externalModel(locations),
});

const data = (name: string, value: number): NamedBytes => ({ name, bytes: floatTensor([value], [1]).bytes });

const weights = (files: readonly NamedBytes[]) =>
  [...openModel(files).original.graph.initializers.values()].map((t) => floats(t)[0]);

describe("external data", () => {
  it("is found by its path, or by its base name if its folder was lost", () => {
    const m = model(["sub/w.bin"]);
    expect(weights([m, data("sub/w.bin", 1)])).toEqual([1]);
    expect(weights([m, data("./sub\\w.bin", 2)])).toEqual([2]);
    expect(weights([data("w.bin", 3), m])).toEqual([3]);
    expect(weights([m, data("w.bin", 4), data("sub/w.bin", 5)])).toEqual([5]);
  });

  it("is not guessed where two files have the same base name", () => {
    const two = model(["a/w.bin", "b/w.bin"]);
    expect(weights([two, data("a/w.bin", 1), data("b/w.bin", 2)])).toEqual([1, 2]);
    const lost = new StudioError({ code: "model.externalMissing", files: ["a/w.bin", "b/w.bin"] });
    expect(() => openModel([two, data("w.bin", 1)])).toThrow(lost);
    expect(() => openModel([model(["sub/w.bin"]), data("a/w.bin", 1), data("b/w.bin", 2)])).toThrow(
      "model.externalMissing",
    );
  });
});

it("files that a model does not name are told, with the model's own weights there or not", () => {
  const [used, text] = [data("w.bin", 1), { name: "notes.txt", bytes: new Uint8Array([65]) }];
  const alike = data("other/x.bin", 1);
  expect(openModel([model(["w.bin"]), text, used, alike]).unused).toEqual(["notes.txt", "other/x.bin"]);
  expect(summarize(openModel([model(["w.bin"]), used]))).not.toHaveProperty("unused");
  expect(summarize(openModel([model(["w.bin"]), used, text])).unused).toEqual(["notes.txt"]);
  const espdl = { name: "net.espdl", bytes: encodeEspdlModel(smallModel()) };
  expect(openModel([text, espdl]).unused).toEqual(["notes.txt"]);
});

describe("an .espdl file", () => {
  const bytes = encodeEspdlModel(smallModel());

  it("opens to be looked at, whatever it is called", () => {
    const opened = openModel([{ name: "net.bin", bytes }]);
    const summary = summarize(opened);
    expect(summary).toMatchObject({ quantized: true, opHistogram: { StreamingCache: 1, Conv: 1, Tanh: 1 } });
    expect(summary.inputs).toEqual([{ name: "x", dtype: "int8", shape: [1, 4, 3], exponents: [-5] }]);
    expect(summary.values.map((v) => v.exponents)).toEqual([[-5], [-4], [-7]]);
    expect(summary.initializers.find((i) => i.name === "w")).toMatchObject({ shape: [20, 3, 3] });
  });

  it("broken in any of its bytes, opens or is refused with a problem", () => {
    const change = fc.tuple(fc.nat(bytes.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const broken = new Uint8Array(bytes);
        for (const [at, byte] of changes) broken[at] = byte;
        try {
          summarize(openModel([{ name: "net.espdl", bytes: broken }]));
        } catch (error) {
          expect(error).toBeInstanceOf(StudioError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("does not stream, and says why", () => {
    const opened = openModel([{ name: "net.espdl", bytes }]);
    expect(() => analyse(opened)).toThrow(
      expect.objectContaining({ problem: { code: "model.quantized", file: "net.espdl" } }),
    );
  });

  it("of several models in a package, the first is open and the others are named", () => {
    const models = ["a", "b", "c"].map((name) => ({ name, bytes }));
    const { findings } = openModel([{ name: "pack.espdl", bytes: packModels(models) }]);
    expect(findings.map((f) => f.problem)).toEqual([
      { code: "file.oneModel", opened: "a", left: ["b", "c"] },
    ]);
  });
});
