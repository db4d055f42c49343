import { intAttribute, intsAttribute, stringAttribute } from "../../ir/graph.ts";
import { tensorOf } from "../../ir/tensor.ts";
import type { EspdlModel, EspdlNode, EspdlTensor, EspdlValue } from "./espdl-model.ts";
import { packFilter } from "./filter-packing.ts";

const S8 = stringAttribute("S8");
const LINEAR = stringAttribute("Linear");

function value(name: string, shape: readonly number[], exponent: number): [string, EspdlValue] {
  return [name, { name, dtype: "int8", shape, exponents: [exponent] }];
}

function counted(
  name: string,
  dims: readonly number[],
  { exponent, from = 0 }: { exponent: number; from?: number },
): EspdlTensor {
  const data = Int8Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => from + i);
  return { name, ...tensorOf(data, dims), exponents: [exponent], layout: "" };
}

/** Input [1, 4, 3] → StreamingCache of 3 frames → Conv of 20 channels, 3 taps → Tanh by table: blocks of 16 and a rest of 4. */
export function smallModel(): EspdlModel {
  const filter = counted("w", [20, 3, 3], { exponent: -7, from: -90 });
  const packed = packFilter({ kind: "dense", block: 16 }, filter);
  const bias = Int32Array.from({ length: 20 }, (_, i) => i * 1000 - 9000);
  const weights: EspdlTensor[] = [
    counted("Tanh_lut_0", [256], { exponent: -7, from: -128 }),
    { name: "w", ...packed, exponents: [-7], layout: "(N/16)WC16_UNALIGNED" },
    { name: "b", ...tensorOf(bias, [20]), exponents: [-12], layout: "UNK" },
  ];
  const nodes: EspdlNode[] = [
    {
      op: "StreamingCache",
      name: "x_SCache",
      inputs: ["x"],
      outputs: ["x.5"],
      attributes: { frame_axis: intAttribute(1), quant_type: S8, window_size: intAttribute(3) },
    },
    {
      op: "Conv",
      name: "conv",
      inputs: ["x.5", "w", "b"],
      outputs: ["h"],
      attributes: {
        activation: LINEAR,
        dilations: intsAttribute([1]),
        group: intAttribute(1),
        kernel_shape: intsAttribute([3]),
        pads: intsAttribute([0, 0]),
        quant_type: S8,
        strides: intsAttribute([1]),
      },
    },
    {
      op: "Tanh",
      name: "tanh",
      inputs: ["h"],
      outputs: ["y"],
      attributes: { lut: stringAttribute("Tanh_lut_0"), quant_type: S8 },
    },
  ];
  return {
    irVersion: 8,
    modelVersion: 0n,
    producer: { name: "", version: "" },
    domain: "",
    docString: "",
    metadata: new Map([["target", "esp32s3"]]),
    graph: {
      name: "small",
      nodes,
      initializers: new Map(weights.map((t) => [t.name, t])),
      inputs: ["x"],
      outputs: ["y"],
      values: new Map([
        value("x", [1, 4, 3], -5),
        value("x.5", [1, 6, 3], -5),
        value("h", [1, 4, 20], -4),
        value("y", [1, 4, 20], -7),
      ]),
      testInputs: new Map([["x", counted("x", [1, 4, 3], { exponent: -5 })]]),
      testOutputs: new Map([["y", counted("y", [1, 4, 20], { exponent: -7 })]]),
    },
  };
}
