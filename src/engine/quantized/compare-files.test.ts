import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sharedData } from "../../../test/shared-data.ts";
import { decodeEspdlModel } from "../../core/format/espdl/decode-espdl.ts";
import { encodeEspdlModel } from "../../core/format/espdl/encode-espdl.ts";
import type { EspdlModel } from "../../core/format/espdl/espdl-model.ts";
import { packFilter } from "../../core/format/espdl/filter-packing.ts";
import { logicalWeights } from "../../core/format/espdl/logical-weights.ts";
import { smallModel } from "../../core/format/espdl/small-model.fixture.ts";
import { encodeModel } from "../../core/format/onnx/encode-model.ts";
import { intsAttribute, makeNode, type Node } from "../../core/ir/graph.ts";
import { floatTensor, type Tensor, tensorOf } from "../../core/ir/tensor.ts";
import { compareQuantized } from "../../core/quant/compare-quantized.ts";
import { openModel } from "../open-model.ts";
import { quantizedNumbers } from "./quantized-file.ts";

const numbersIn = (bytes: Uint8Array, name = "m") => quantizedNumbers(openModel([{ name, bytes }]));
const numbersOf = (model: EspdlModel) => numbersIn(encodeEspdlModel(model));

/** The model with one tensor changed. */
function changed(model: EspdlModel, name: string, at: number): EspdlModel {
  const { graph } = model;
  const tensor = graph.initializers.get(name);
  if (!tensor) throw new Error(name);
  const bytes = new Uint8Array(tensor.bytes);
  bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ 1;
  const initializers = new Map(graph.initializers).set(name, { ...tensor, bytes });
  return { ...model, graph: { ...graph, initializers } };
}

describe("two .espdl files", () => {
  const model = smallModel();

  test("a file equals itself", () => {
    const { equal, kinds } = compareQuantized(numbersOf(model), numbersOf(model));
    expect(equal).toBe(true);
    expect(kinds.map((k) => [k.kind, k.compared, k.equal])).toEqual([
      ["values", 4, 4],
      ["parameters", 2, 2],
      ["tables", 1, 1],
      ["tests", 2, 2],
    ]);
  });

  test("one changed bit anywhere is one integer that differs", () => {
    fc.assert(
      fc.property(fc.constantFrom("w", "b", "Tanh_lut_0"), fc.nat(1000), (name, at) => {
        const { equal, differences } = compareQuantized(
          numbersOf(model),
          numbersOf(changed(model, name, at)),
        );
        expect(equal).toBe(false);
        expect(differences).toMatchObject([
          { name: name === "Tanh_lut_0" ? "y" : name, what: "integers", count: 1 },
        ]);
      }),
      { numRuns: 50 },
    );
  });

  test("byte order of the target, names of tables and inserted values do not matter", () => {
    const { graph } = model;
    const filter = logicalWeights(model).get("w");
    const stored = graph.initializers.get("w");
    const table = graph.initializers.get("Tanh_lut_0");
    if (!filter || !stored || !table) throw new Error("the fixture has a filter and a table");
    const open = { ...stored, ...packFilter({ kind: "dense", block: 0 }, filter.tensor), layout: "NWC" };
    const renamed = (name: string) => (name === "x.5" ? "PPQ_Variable_7" : name);
    const portable = (tableName: string, variable: string): EspdlModel => ({
      ...model,
      graph: {
        ...graph,
        initializers: new Map([
          ["w", open],
          ...[...graph.initializers].filter(([name]) => name === "b"),
          [tableName, { ...table, name: tableName }],
        ]),
        nodes: graph.nodes.map((node) => ({
          ...node,
          inputs: node.inputs.map(renamed).map((n) => (n === "PPQ_Variable_7" ? variable : n)),
          outputs: node.outputs.map(renamed).map((n) => (n === "PPQ_Variable_7" ? variable : n)),
          attributes:
            node.op === "Tanh"
              ? { ...node.attributes, lut: { kind: "string", value: new TextEncoder().encode(tableName) } }
              : node.attributes,
        })),
        values: new Map(
          [...graph.values.values()].map((v) => {
            const name = v.name === "x.5" ? variable : v.name;
            return [name, { ...v, name }];
          }),
        ),
      },
    });
    const a = numbersOf(portable("Tanh_lut_0", "PPQ_Variable_7"));
    const b = numbersOf(portable("Tanh_lut_3", "PPQ_Variable_1"));
    expect(compareQuantized(a, b)).toMatchObject({ equal: true, differences: [] });
    expect([...a.values.keys()]).toContain("StreamingCache(x)");
    const { kinds, differences } = compareQuantized(numbersOf(model), a);
    expect(differences).toEqual([]);
    expect(kinds[0]).toMatchObject({ onlyA: ["x.5"], onlyB: ["StreamingCache(x)"] });
  });

  test("a float test vector may differ as far as ESP-DL's own test lets it, and that is counted", () => {
    const withFloats = (values: readonly number[]): EspdlModel => {
      const floats = { name: "y", ...floatTensor(values, [values.length]), exponents: [0], layout: "" };
      return { ...model, graph: { ...model.graph, testOutputs: new Map([["y", floats]]) } };
    };
    const exact = numbersOf(withFloats([0.25, 0.75]));
    const near = compareQuantized(exact, numbersOf(withFloats([0.25, 0.75001])));
    expect(near).toMatchObject({ equal: true, differences: [] });
    expect(near.kinds.map((k) => k.close)).toEqual([0, 0, 0, 1]);
    const far = compareQuantized(exact, numbersOf(withFloats([0.25, 0.7501])));
    expect(far).toMatchObject({ equal: false, differences: [{ name: "y", count: 1 }] });
  });

  test("a weight without a counterpart, another exponent, another output: not equal", () => {
    const { graph } = model;
    const biasless = graph.nodes.map((n) => (n.op === "Conv" ? { ...n, inputs: n.inputs.slice(0, 2) } : n));
    const lonely = compareQuantized(
      numbersOf(model),
      numbersOf({ ...model, graph: { ...graph, nodes: biasless } }),
    );
    expect(lonely).toMatchObject({ equal: false, differences: [] });
    expect(lonely.kinds[1]).toMatchObject({ onlyA: ["b"], onlyB: [] });

    const h = graph.values.get("h");
    if (!h) throw new Error("h");
    const shifted = new Map(graph.values).set("h", { ...h, exponents: [-6] });
    const scaled = compareQuantized(
      numbersOf(model),
      numbersOf({ ...model, graph: { ...graph, values: shifted } }),
    );
    expect(scaled.differences).toEqual([
      { kind: "values", name: "h", what: "scale", a: [2 ** -4], b: [2 ** -6] },
    ]);

    const other = { ...model, graph: { ...graph, outputs: ["h"] } };
    expect(compareQuantized(numbersOf(model), numbersOf(other))).toMatchObject({
      equal: false,
      differences: [],
    });
  });
});

const scalar = (exponent: number) => floatTensor([2 ** exponent], []);
const int8Zero = tensorOf(Int8Array.of(0), []);

/** The fixture's convolution in QDQ form, named as ONNX Runtime's own quantizer names things, or as Rill does. */
function qdqConv(style: "onnxruntime" | "rill"): Uint8Array {
  const model = smallModel();
  const weights = logicalWeights(model);
  const quantized = style === "rill" ? ".quantized" : "_quantized";
  const [ints, reals] = style === "rill" ? ["", ".float"] : ["_QuantizeLinear_Output", ""];
  const initializers = new Map<string, Tensor>([["zero", int8Zero]]);
  const nodes: Node[] = [];
  const scaleOf = (name: string, exponent: number) => {
    initializers.set(`${name}.scale`, scalar(exponent));
    return `${name}.scale`;
  };
  const activation = (name: string, exponent: number, from: string) => {
    const scale = scaleOf(name, exponent);
    nodes.push(makeNode("QuantizeLinear", [from, scale, "zero"], [`${name}${ints}`]));
    nodes.push(makeNode("DequantizeLinear", [`${name}${ints}`, scale, "zero"], [`${name}.reals`]));
  };
  for (const name of ["w", "b"]) {
    const weight = weights.get(name);
    if (!weight) throw new Error(name);
    initializers.set(`${name}${quantized}`, weight.tensor);
    const scale = scaleOf(name, weight.exponents[0] ?? 0);
    nodes.push(makeNode("DequantizeLinear", [`${name}${quantized}`, scale], [`${name}.reals`]));
  }
  // A port keeps its name in float; Rill calls its integers "x.quantized".
  const input = scaleOf("x", -5);
  const integers = style === "rill" ? "x.quantized" : "x_QuantizeLinear_Output";
  nodes.push(makeNode("QuantizeLinear", ["x", input, "zero"], [integers]));
  nodes.push(makeNode("DequantizeLinear", [integers, input, "zero"], ["x.reals"]));
  const conv = { kernel_shape: intsAttribute([3]) };
  nodes.push(makeNode("Conv", ["x.reals", "w.reals", "b.reals"], [`h${reals}`], conv));
  activation("h", -4, `h${reals}`);
  nodes.push(makeNode("Tanh", ["h.reals"], ["y"]));
  const bytes = encodeModel({
    irVersion: 8,
    opsets: new Map([["", 17]]),
    producer: { name: "", version: "" },
    metadata: new Map(),
    functions: [],
    graph: {
      name: "g",
      inputs: [{ name: "x", dtype: "float32", shape: [1, 3, 6] }],
      outputs: [{ name: "y", dtype: "float32", shape: [1, 20, 4] }],
      initializers,
      nodes,
      values: new Map(),
    },
  });
  return bytes;
}

describe("QDQ files", () => {
  test("an .espdl file and a QDQ file of the same numbers are equal, in either order", () => {
    const espdl = numbersOf(smallModel());
    for (const style of ["onnxruntime", "rill"] as const) {
      const qdq = numbersIn(qdqConv(style), "m.onnx");
      for (const [a, b] of [
        [espdl, qdq],
        [qdq, espdl],
      ] as const) {
        const found = compareQuantized(a, b);
        expect(found, style).toMatchObject({ equal: true, differences: [] });
        expect(
          found.kinds.map((k) => [k.compared, k.absent]),
          style,
        ).toEqual([
          [2, false],
          [2, false],
          [0, true],
          [0, true],
        ]);
      }
    }
  });

  test("of different tools are equal by the names of the float model", () => {
    const found = compareQuantized(numbersIn(qdqConv("onnxruntime")), numbersIn(qdqConv("rill")));
    expect(found).toMatchObject({ equal: true, differences: [] });
    expect(found.kinds[1]).toMatchObject({ compared: 2, onlyA: [], onlyB: [] });
  });

  test("a float model has nothing to compare", () => {
    const bytes = encodeModel({
      irVersion: 8,
      opsets: new Map([["", 17]]),
      producer: { name: "", version: "" },
      metadata: new Map(),
      functions: [],
      graph: {
        name: "g",
        inputs: [{ name: "x", dtype: "float32", shape: [1] }],
        outputs: [{ name: "y", dtype: "float32", shape: [1] }],
        initializers: new Map(),
        nodes: [makeNode("Relu", ["x"], ["y"])],
        values: new Map(),
      },
    });
    expect(() => numbersIn(bytes, "f.onnx")).toThrow(
      expect.objectContaining({ problem: { code: "model.notQuantized", file: "f.onnx" } }),
    );
  });
});

const golden = sharedData("espdl/golden");

describe.skipIf(!golden)("golden files", () => {
  const read = (path: string) => numbersIn(new Uint8Array(readFileSync(path)), path);

  test.each(golden ? readdirSync(golden) : [])(
    "%s: a streaming file has its offline twin's numbers",
    (name) => {
      const folder = join(golden ?? "", name);
      for (const file of readdirSync(folder).filter((f) => f.endsWith("_streaming.espdl"))) {
        const found = compareQuantized(
          read(join(folder, file.replace("_streaming", ""))),
          read(join(folder, file)),
        );
        expect(found, file).toMatchObject({ equal: true, differences: [] });
        expect(found.kinds[0]?.onlyB.some((v) => v.startsWith("StreamingCache("))).toBe(true);
      }
    },
  );

  test.each(golden ? readdirSync(golden) : [])("%s: KL and min-max differ in some number", (name) => {
    const folder = join(golden ?? "", name);
    const kl = join(folder, "esp32s3_int8_kl.espdl");
    const minmax = join(folder, "esp32s3_int8_minmax.espdl");
    const same = readFileSync(kl).equals(readFileSync(minmax));
    expect(compareQuantized(read(kl), read(minmax)).equal).toBe(same);
  });

  test("re-encoding changes nothing", () => {
    const path = join(golden ?? "", "tcn-silu", "esp32p4_int16_kl.espdl");
    const again = encodeEspdlModel(decodeEspdlModel(new Uint8Array(readFileSync(path))));
    expect(compareQuantized(read(path), numbersIn(again)).equal).toBe(true);
  });
});
