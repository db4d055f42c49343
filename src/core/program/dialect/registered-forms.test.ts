import { expect, test } from "vitest";
import { makeModel } from "../../format/onnx/make-model.ts";
import { makeNode } from "../../ir/graph.ts";
import { floatTensor } from "../../ir/tensor.ts";
import { inferShapes } from "../../passes/infer-shapes.ts";
import { registeredForms } from "./registered-forms.ts";

test("the bound of a Clip made of a Max has no axes: no runtime takes another", () => {
  const model = makeModel(
    {
      name: "max",
      inputs: [{ name: "x", dtype: "float32", shape: [1, 4, 5] }],
      outputs: [{ name: "y", dtype: "float32", shape: [1, 4, 5] }],
      initializers: new Map([["least", floatTensor([-0.5], [1, 1, 1])]]),
      nodes: [makeNode("Max", ["x", "least"], ["y"])],
      values: new Map(),
    },
    { opset: 17 },
  );
  const patch = registeredForms.run({ model, inference: inferShapes(model) });
  const [clip] = [...(patch?.replaceNodes?.values() ?? [])].flat();
  expect(clip).toMatchObject({ op: "Clip", outputs: ["y"] });
  const bound = clip && "inputs" in clip ? clip.inputs[1] : undefined;
  expect(patch?.setInitializers?.get(bound ?? "")?.dims).toEqual([]);
});
