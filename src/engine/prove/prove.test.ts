import { describe, expect, test } from "vitest";
import { GraphSketch } from "../../../test/stream-lab.ts";
import { encodeModel } from "../../core/format/onnx/encode-model.ts";
import type { Model } from "../../core/ir/graph.ts";
import { defaultPlan } from "../../core/plan/default-plan.ts";
import type { CheckId } from "../../core/proof/proof.ts";
import type { Module } from "../../core/stream/module.ts";
import { createRuntime } from "../../runtime/ort.ts";
import { prepare } from "../evaluate.ts";
import { openModel } from "../open-model.ts";
import { SILENT_JOB } from "../ports.ts";
import { parityFile } from "./parity-file.ts";
import { prove } from "./prove.ts";
import type { ProofSubject } from "./subject.ts";

const runtime = createRuntime();

function subjectOf(model: Model, chunk = 2, change: (module: Module) => Module = (m) => m): ProofSubject {
  const opened = openModel([{ name: "sketch.onnx", bytes: encodeModel(model) }]);
  const plan = defaultPlan({ name: opened.name, sha256: opened.sha256 }, { axes: { x: 2 }, chunk });
  const { analysis, streaming } = prepare(opened, plan);
  const modules = streaming.model.modules.map(change);
  return { opened, plan, analysis: analysis.stream, streaming: { ...streaming.model, modules } };
}

async function verdicts(subject: ProofSubject) {
  const proof = await prove(subject, runtime, SILENT_JOB);
  const of = (id: CheckId) => proof.checks.find((c) => c.check === id);
  return { proof, of };
}

function sketch(build: (g: GraphSketch) => string): Model {
  const g = new GraphSketch(3);
  g.input("x", [1, 2, "T"]);
  return g.model([build(g)]);
}

/** Thirty nodes: same-padded convolutions, their activations and residuals. */
const thirty = sketch((g) => {
  let y = "x";
  for (let i = 0; i < 10; i++) {
    const wide = g.conv(y, [2, 2, 3], { pads: [1, 1] });
    y = g.op("Add", [g.op("Tanh", [wide], {}, `act${i}`), y], {}, `sum${i}`);
  }
  return y;
});

describe("proof", () => {
  test("T81 a stack with residuals is proved, at chunks of 2, 4 and 6", async () => {
    const { proof, of } = await verdicts(subjectOf(thirty));
    expect(proof.checks.filter((c) => c.status !== "passed")).toEqual([]);
    expect(of("structural")?.evidence.values).toBe(31);
    expect(of("chunks")?.evidence.chunkSizes).toBe(3);
  });

  test("T99 in a graph of 30 nodes the first bad one is named after a planted fault", async () => {
    const bias =
      (name: string) =>
      (module: Module): Module => ({
        ...module,
        graph: {
          ...module.graph,
          nodes: module.graph.nodes.map((n) =>
            n.outputs[0] === name ? { ...n, inputs: n.inputs.slice(0, 2) } : n,
          ),
        },
      });
    const conv = thirty.graph.nodes[15]?.outputs[0] ?? "";
    const { of } = await verdicts(subjectOf(thirty, 2, bias(conv)));
    expect(of("structural")).toMatchObject({
      status: "failed",
      first: { value: conv, node: conv, op: "Conv", frame: 0 },
    });
  });

  test("an operator that the interpreter lacks is named, not passed over", async () => {
    const model = sketch((g) =>
      g.op("LpPool", [g.conv("x", [2, 2, 3], { pads: [2, 0] })], { kernel_shape: [2] }, "lp"),
    );
    const { proof, of } = await verdicts(subjectOf(model));
    expect(of("structural")).toMatchObject({
      status: "skipped",
      reason: { code: "notCovered", op: "LpPool", node: "lp" },
    });
    expect(proof.verdict).toBe("incomplete");
  });

  test("T85 reset then replay, two streams in turn, save and restore give the same bits", async () => {
    const { of } = await verdicts(subjectOf(thirty, 1));
    expect(of("replay")?.status).toBe("passed");
  });

  test("equal models and plans give equal bytes", async () => {
    const one = await prove(subjectOf(thirty), runtime, SILENT_JOB);
    const two = await prove(subjectOf(thirty), runtime, SILENT_JOB);
    const parity = {
      verdict: "exact",
      tolerance: 0,
      frames: 0,
      clips: [],
      outputs: [],
      values: [],
      traces: [],
      original: { form: "none", runs: 0, maxRelative: 0 },
    } as const;
    expect(parityFile(subjectOf(thirty), parity, one)).toEqual(parityFile(subjectOf(thirty), parity, two));
  });
});
