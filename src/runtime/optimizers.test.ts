import { expect, test } from "vitest";
import { GraphSketch } from "../../test/stream-lab.ts";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import { floats, floatTensor } from "../core/ir/tensor.ts";
import { createRuntime } from "./ort.ts";

test("zeros before a MaxPool stay zeros, also where all else is below", async () => {
  const g = new GraphSketch(1);
  const x = g.input("x", [1, 1, 4]);
  const padded = g.op("Pad", [x, g.longs([0, 0, 2, 0, 0, 0])]);
  const y = g.op("MaxPool", [padded], { kernel_shape: [3] });
  const session = await createRuntime().open(encodeModel(g.model([y])));
  const result = await session.run({ x: floatTensor([-1, -2, -3, -4], [1, 1, 4]) });
  await session.release();
  const made = result[y];
  expect(made && [...floats(made)]).toEqual([0, 0, -1, -2]);
});
