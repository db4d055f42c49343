import fc from "fast-check";
import { expect, test } from "vitest";
import type { Attribute, Graph, Model, Node } from "../../ir/graph.ts";
import { floatTensor } from "../../ir/tensor.ts";
import { decodeModel } from "./decode-model.ts";
import { encodeModel } from "./encode-model.ts";
import { makeModel } from "./make-model.ts";

const names = fc.string({ unit: "grapheme", minLength: 1, maxLength: 4 });
const shapes = fc.array(fc.oneof(fc.nat(9), names, fc.constant(null)), { maxLength: 3 });
const dtypes = fc.constantFrom("float32" as const, "int64" as const, "bool" as const);
const infos = fc.uniqueArray(fc.record({ name: names, dtype: dtypes, shape: shapes }), {
  selector: (v) => v.name,
  maxLength: 4,
});
const attributes = fc.dictionary(
  names,
  fc.oneof(
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value): Attribute => ({ kind: "int", value })),
    fc.float().map((value): Attribute => ({ kind: "float", value })),
    fc.array(fc.float()).map((value): Attribute => ({ kind: "floats", value })),
    fc.uint8Array().map((value): Attribute => ({ kind: "string", value })),
    fc.array(fc.float()).map((v): Attribute => ({ kind: "tensor", value: floatTensor(v, [v.length]) })),
  ),
  { noNullPrototype: true },
);
const { graph: graphs } = fc.letrec<{ graph: Graph; node: Node; body: Attribute }>((tie) => ({
  body: tie("graph").map((value): Attribute => ({ kind: "graph", value })),
  node: fc.record({
    op: names,
    domain: fc.constantFrom("", "com.microsoft"),
    name: fc.string({ maxLength: 3, unit: "grapheme" }),
    inputs: fc.array(names, { maxLength: 3 }),
    outputs: fc.array(names, { maxLength: 2 }),
    attributes: fc.oneof(
      { maxDepth: 2 },
      attributes,
      fc.tuple(attributes, tie("body")).map(([all, body]) => ({ ...all, body })),
    ),
  }),
  graph: fc
    .record({
      name: names,
      inputs: infos,
      outputs: fc.constant([]),
      initializers: fc.dictionary(names, fc.float(), { maxKeys: 3, noNullPrototype: true }),
      values: infos,
      nodes: fc.array(tie("node"), { maxLength: 3 }),
    })
    .map((parts): Graph => {
      const ports = new Set(parts.inputs.map((v) => v.name));
      return {
        ...parts,
        initializers: new Map(Object.entries(parts.initializers).map(([n, v]) => [n, floatTensor([v], [])])),
        values: new Map(parts.values.filter((v) => !ports.has(v.name)).map((v) => [v.name, v])),
      };
    }),
}));

test("any graph comes back, and the same graph gives the same bytes", () => {
  fc.assert(
    fc.property(graphs, (graph) => {
      const model: Model = makeModel(graph, { opset: 18 });
      const bytes = encodeModel(model);
      const again = decodeModel(bytes);
      expect(again).toEqual(model);
      expect(encodeModel(again)).toEqual(bytes);
    }),
    { numRuns: 300 },
  );
});
