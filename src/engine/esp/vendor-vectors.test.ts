import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sharedData } from "../../../test/shared-data.ts";
import { decodeEspdlModel } from "../../core/format/espdl/decode-espdl.ts";
import type { EspdlModel } from "../../core/format/espdl/espdl-model.ts";
import { sliceAxis } from "../../core/ir/axis.ts";
import { elements, type Tensor } from "../../core/ir/tensor.ts";
import { programOfEspdl, roundingOfTarget } from "../../core/program/espdl/program-of-espdl.ts";
import { DeviceTwin } from "../../core/program/interpreter.ts";

const vendor = sharedData("espdl/vendor");
const golden = sharedData("espdl/golden");
const read = (path: string): EspdlModel => decodeEspdlModel(new Uint8Array(readFileSync(path)), path);
const numbersOf = (t: Pick<Tensor, "dtype" | "dims" | "bytes">): number[] => Array.from(elements(t), Number);

/** The chip in a file's name, as the files of both folders carry it. */
const targetOf = (path: string): string | undefined => /esp32p4|esp32s3|(?<=[./])c(?=[._])/.exec(path)?.[0];

/** Largest difference of the twin from every test output of the file. */
function worst(model: EspdlModel, target: string | undefined): number {
  const twin = new DeviceTwin(programOfEspdl(model, roundingOfTarget(target)));
  const values = twin.step(Object.fromEntries(model.graph.testInputs));
  return Math.max(
    ...[...model.graph.testOutputs].map(([name, expected]) => {
      const ours = values.get(name);
      const [a, b] = [ours ? numbersOf(ours) : [], numbersOf(expected)];
      expect(a.length, name).toBe(b.length);
      return Math.max(...a.map((x, i) => Math.abs(x - (b[i] ?? Number.NaN))));
    }),
  );
}

describe.skipIf(!vendor)("test vectors inside the vendor's files", () => {
  // The TDNN, the text recogniser and the streaming tutorial carry no vectors; the last is held against its offline twin below.
  const files = (vendor ? readdirSync(vendor) : []).filter(
    (f) => f.endsWith(".espdl") && read(join(vendor ?? "", f)).graph.testOutputs.size > 0,
  );

  test.each(files)("%s", (file) => {
    const model = read(join(vendor ?? "", file));
    expect(worst(model, targetOf(file))).toBe(0);
  });

  test("the streaming tutorial, chunk by chunk, equals its offline twin on every frame", () => {
    const offline = read(join(vendor ?? "", "streaming-tutorial.esp32s3.offline.espdl"));
    const streaming = read(join(vendor ?? "", "streaming-tutorial.esp32s3.streaming.espdl"));
    const rounding = roundingOfTarget("esp32s3");
    const [[name, input] = ["", undefined]] = offline.graph.testInputs;
    if (!input) throw new Error("the tutorial carries an input");
    const whole = new DeviceTwin(programOfEspdl(offline, rounding)).step({ [name]: input });
    const twin = new DeviceTwin(programOfEspdl(streaming, rounding));
    const shared = [...streaming.graph.values.keys()].filter(
      (v) => whole.has(v) && (whole.get(v)?.dims.length ?? 0) === 3,
    );
    let compared = 0;
    let last: ReadonlyMap<string, Tensor> = new Map();
    for (let from = 0; from < (input.dims[1] ?? 0); from += 3) {
      last = twin.step({ [name]: sliceAxis(input, 1, from, from + 3) });
      for (const value of shared) {
        const [chunk, all] = [last.get(value), whole.get(value)];
        // Values of full rate: three frames a step, on the second axis.
        if (!chunk || !all || chunk.dims[1] !== 3 || all.dims[1] !== input.dims[1]) continue;
        expect(numbersOf(chunk), `${value} from ${from}`).toEqual(
          numbersOf(sliceAxis(all, 1, from, from + 3)),
        );
        compared++;
      }
    }
    expect(compared).toBeGreaterThan(8 * 10);
    const [output = ""] = offline.graph.outputs;
    expect(numbersOf(last.get(output) as Tensor)).toEqual(numbersOf(whole.get(output) as Tensor));
  });
});

describe.skipIf(!golden)("test vectors inside the golden files", () => {
  const files = golden
    ? readdirSync(golden, { recursive: true, encoding: "utf8" }).filter(
        (f) => f.endsWith(".espdl") && !f.includes("streaming"),
      )
    : [];

  test.each(files)("%s", (file) => {
    const model = read(join(golden ?? "", file));
    const difference = worst(model, targetOf(`/${file.split("/").at(-1)}`));
    const softmax = [...model.graph.testOutputs.values()].some((t) => t.dtype === "float32");
    // Softmax: two float32 roundings. int16: ESP-PPQ's float32 sums against exact ones, as the runtime's own test allows.
    expect(difference).toBeLessThanOrEqual(softmax ? 1e-6 : file.includes("int16") ? 1 : 0);
  });
});
