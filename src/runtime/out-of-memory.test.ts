import { expect, it } from "vitest";
import { encodeModel } from "../core/format/onnx/encode-model.ts";
import { makeModel } from "../core/format/onnx/make-model.ts";
import { makeNode } from "../core/ir/graph.ts";
import { floatTensor } from "../core/ir/tensor.ts";
import { createRuntime } from "./ort.ts";

it("tells a tensor that no 32-bit memory holds as memory that ran out, not as a model that is refused", async () => {
  const side = 40_000;
  const shape = new Uint8Array(new BigInt64Array([BigInt(side), BigInt(side)]).buffer);
  const model = makeModel(
    {
      name: "large",
      inputs: [
        { name: "x", dtype: "float32", shape: [1] },
        { name: "shape", dtype: "int64", shape: [2] },
      ],
      outputs: [{ name: "y", dtype: "float32", shape: ["a", "b"] }],
      initializers: new Map(),
      nodes: [makeNode("Expand", ["x", "shape"], ["y"])],
      values: new Map(),
    },
    { opset: 17 },
  );
  const session = await createRuntime().open(encodeModel(model));
  const feeds = {
    x: floatTensor([1], [1]),
    shape: { dtype: "int64", dims: [2], bytes: shape } as const,
  };
  await expect(session.run(feeds)).rejects.toMatchObject({
    problem: { code: "memory.exhausted", limitBytes: 2 ** 32 },
  });
});
