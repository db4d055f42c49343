import { expect, test } from "vitest";
import { elements, numbers } from "../../ir/tensor.ts";
import { smallModel } from "./small-model.fixture.ts";
import { ESPDL_DOMAIN, espdlToModel, exponentsOf } from "./to-model.ts";

test("a graph to look at: shapes and exponents of the file, filters in ONNX order", () => {
  const espdl = smallModel();
  const { graph } = espdlToModel(espdl);
  expect(graph.nodes.map((n) => [n.op, n.domain])).toEqual([
    ["StreamingCache", ESPDL_DOMAIN],
    ["Conv", ESPDL_DOMAIN],
    ["Tanh", ESPDL_DOMAIN],
  ]);
  expect(graph.inputs.map((v) => [v.name, v.shape, exponentsOf(v)])).toEqual([["x", [1, 4, 3], [-5]]]);
  expect(exponentsOf(graph.values.get("h"))).toEqual([-4]);
  const filter = graph.initializers.get("w");
  expect([filter?.dims, exponentsOf(filter)]).toEqual([[20, 3, 3], [-7]]);
  // The fixture's filter counts up from −90 in ONNX order.
  expect(filter && numbers(filter)).toEqual(Array.from({ length: 180 }, (_, i) => i - 90));
  expect(filter && [...elements(filter)]).not.toEqual([
    ...new Int8Array(espdl.graph.initializers.get("w")?.bytes ?? []),
  ]);
});
