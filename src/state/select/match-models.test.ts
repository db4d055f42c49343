import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ModelSummary, NodeSummary } from "../../engine/reports.ts";
import { matchModels } from "./match-models.ts";

/** A chain of ops "op" or "op:name". */
function chain(...ops: readonly string[]): ModelSummary {
  const nodes = ops.map((text, i): NodeSummary => {
    const [op = "", name = ""] = text.split(":");
    const made = name === "" ? `v${ops.length}.${i}` : `${name}.out`;
    return {
      key: `k${i}`,
      op,
      domain: "",
      name,
      inputs: [],
      outputs: [made],
      attributes: {},
      macs: 0,
      weightBytes: 0,
    };
  });
  return { nodes, inputs: [{ name: "x" }] } as unknown as ModelSummary;
}

describe("matchModels", () => {
  it("matches by name, whatever was put between", () => {
    const a = chain("Conv:a", "Relu:b", "Conv:c");
    const b = chain("Conv:a", "BatchNormalization:n", "Relu:b", "Conv:c", "Softmax:s");
    expect([...matchModels(a, b).nodes]).toEqual([
      ["k0", "k0"],
      ["k1", "k2"],
      ["k2", "k3"],
    ]);
    expect(matchModels(a, b).values.get("c.out")).toBe("c.out");
  });

  it("matches nameless nodes by the longest common run of ops", () => {
    const a = chain("Conv", "Relu", "Conv", "Relu", "Gemm");
    const b = chain("Conv", "Relu", "MaxPool", "Conv", "Relu", "Gemm");
    expect([...matchModels(a, b).nodes.values()]).toEqual(["k0", "k1", "k3", "k4", "k5"]);
  });

  it("is whole for a model and itself, never crosses, and matches equal ops only", () => {
    const ops = fc.array(fc.constantFrom("Conv", "Relu", "Add", "Conv:a", "Relu:b", "Add:c"), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(ops, ops, (left, right) => {
        const [a, b] = [chain(...left), chain(...right)];
        expect(matchModels(a, a).nodes.size).toBe(left.length);
        const pairs = [...matchModels(a, b).nodes].map(([i, j]) => [Number(i.slice(1)), Number(j.slice(1))]);
        let last = -1;
        for (const [i = 0, j = 0] of pairs.sort(([x = 0], [y = 0]) => x - y)) {
          expect(a.nodes[i]?.op).toBe(b.nodes[j]?.op);
          expect(j).toBeGreaterThan(last);
          last = j;
        }
      }),
    );
  });
});
