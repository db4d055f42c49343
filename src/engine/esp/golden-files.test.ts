import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { goldenFormat, goldenModel } from "../../../test/golden.ts";
import { sharedData } from "../../../test/shared-data.ts";
import { espdlModel } from "../../core/export/espdl/espdl-model.ts";
import { decodeEspdlModel } from "../../core/format/espdl/decode-espdl.ts";
import { encodeEspdlModel } from "../../core/format/espdl/encode-espdl.ts";
import type { EspdlModel } from "../../core/format/espdl/espdl-model.ts";
import { logicalWeights } from "../../core/format/espdl/logical-weights.ts";
import { elements, type Tensor } from "../../core/ir/tensor.ts";
import { DeviceTwin, quantizeFeed } from "../../core/program/interpreter.ts";
import { channelsLast } from "../../core/program/layout/channels-last.ts";
import { transposeTensor } from "../../core/program/layout/reorder.ts";
import { createRuntime } from "../../runtime/ort.ts";
import { SILENT_JOB } from "../ports.ts";
import { offlineProgram } from "./chip-model.ts";
import { quantizeCompatibly } from "./place/quantize-esp.ts";

const folder = sharedData("espdl/golden");
const integers = (t: Pick<Tensor, "dtype" | "dims" | "bytes">): number[] => Array.from(elements(t), Number);

/** name → integers and exponents of every parameter that ESP-PPQ wrote under a name of the model. */
function parameters(model: EspdlModel): Map<string, string> {
  const found = new Map<string, string>();
  for (const [name, { tensor, exponents }] of logicalWeights(model))
    found.set(name, `${tensor.dtype} [${tensor.dims}] e${exponents}: ${integers(tensor)}`);
  return found;
}

/** Tables by the value that their node makes. */
function tables(model: EspdlModel): Map<string, string> {
  const found = new Map<string, string>();
  for (const { attributes, outputs } of model.graph.nodes) {
    const lut = attributes.lut;
    if (lut?.kind !== "string") continue;
    const table = model.graph.initializers.get(String.fromCharCode(...lut.value));
    if (table?.dtype === "int8") found.set(outputs[0] ?? "", `e${table.exponents}: ${integers(table)}`);
  }
  return found;
}

describe.skipIf(!folder)("files that ESP-PPQ wrote", () => {
  const root = folder ?? "";
  const runtime = createRuntime();
  const models = folder ? readdirSync(root).sort() : [];

  test.each(models)("%s: parameters, tables and outputs, through our own file", async (name) => {
    const { model, input, samples } = goldenModel(join(root, name));
    for (const target of ["esp32p4", "esp32s3", "c"] as const) {
      for (const { bits, keepWeights } of [
        { bits: 8, keepWeights: true },
        { bits: 8, keepWeights: false },
        { bits: 16, keepWeights: true },
      ] as const) {
        const format = goldenFormat(target, bits);
        const request = { model, format, method: "minmax", samples } as const;
        const program = offlineProgram(await quantizeCompatibly(request, runtime, SILENT_JOB));
        const { program: laid, orders, columns } = channelsLast(program, { keepWeights });
        const feed = samples[0]?.[input];
        if (!feed) throw new Error("no sample");
        const quantized = quantizeFeed(program, input, elements(feed) as Float32Array);
        const order = orders.get(input);
        const inputs = { [input]: order ? transposeTensor(quantized, order) : quantized };
        const values = new DeviceTwin(laid).step(inputs);

        // The layout changes no number.
        for (const [value, tensor] of new DeviceTwin(program).step({ [input]: quantized })) {
          const there = values.get(value);
          const order = orders.get(value);
          const moved = integers(order ? transposeTensor(tensor, order) : tensor);
          const flat = columns.get(value);
          if (there)
            expect(integers(there), value).toEqual(flat ? flat.map((column) => moved[column]) : moved);
        }

        const bytes = encodeEspdlModel(
          espdlModel({
            name,
            program: laid,
            vectorBytes: target === "c" ? 0 : 16,
            metadata: new Map(),
            vectors: { inputs, values },
          }),
        );
        const ours = decodeEspdlModel(bytes);
        const theirs = decodeEspdlModel(
          new Uint8Array(readFileSync(join(root, name, `${target}_int${bits}_minmax.espdl`))),
        );
        const label = `${target} int${bits}`;
        const [p, q] = [parameters(ours), parameters(theirs)];
        let compared = 0;
        for (const [parameter, numbers] of q) {
          if (!p.has(parameter) || !/^int(8|16|32|64)/.test(numbers)) continue;
          expect(p.get(parameter), `${label} ${parameter}`).toBe(numbers);
          compared++;
        }
        // Every parameter under ESP-PPQ's own name, but for the weight of a Gemm whose rows were moved.
        const integerNames = [...q].filter(
          ([k, v]) => /^int(8|16|32|64)/.test(v) && !/_lut_|Constant|PPQ_Variable/.test(k),
        );
        expect(compared).toBeGreaterThanOrEqual(integerNames.length - (keepWeights ? 0 : 1));
        expect(tables(ours), label).toEqual(tables(theirs));
        for (const [value, theirVector] of theirs.graph.testOutputs) {
          const ourVector = ours.graph.testOutputs.get(value);
          if (!ourVector) throw new Error(`no vector of ${value}`);
          expect(ourVector.exponents).toEqual(theirVector.exponents);
          const [a, b] = [integers(ourVector), integers(theirVector)];
          expect(a.length).toBe(b.length);
          const worst = Math.max(...a.map((x, i) => Math.abs(x - (b[i] ?? Number.NaN))));
          // Float32 softmax: two roundings of exponential and quotient. int16: ESP-PPQ sums in float32, the chip exactly.
          const allowed = theirVector.dtype === "float32" ? 1e-6 : bits === 16 ? 1 : 0;
          expect(worst, `${label} ${value}`).toBeLessThanOrEqual(allowed);
        }
      }
    }
  });
});
