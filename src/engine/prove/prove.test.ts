import { describe, expect, test } from "vitest";
import { attend } from "../../../test/attention-sketch.ts";
import { mutantsOf } from "../../../test/mutants.ts";
import { proofSubject } from "../../../test/proof-subject.ts";
import { GraphSketch } from "../../../test/stream-lab.ts";
import type { Model } from "../../core/ir/graph.ts";
import type { CheckId } from "../../core/proof/proof.ts";
import type { Module } from "../../core/stream/module.ts";
import { createRuntime } from "../../runtime/ort.ts";
import { SILENT_JOB } from "../ports.ts";
import { parityFile } from "./parity-file.ts";
import { prove } from "./prove.ts";
import type { ProofSubject } from "./subject.ts";

const runtime = createRuntime();

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
    const { proof, of } = await verdicts(proofSubject(thirty));
    expect(proof.checks.filter((c) => c.status === "failed" || c.status === "skipped")).toEqual([]);
    expect(of("structural")?.evidence.values).toBe(31);
    expect(of("chunks")?.evidence.chunkSizes).toBe(3);
  });

  test("attention within a band is proved, look-ahead included", async () => {
    const { proof } = await verdicts(proofSubject(sketch((g) => attend(g, "x", { left: 3, right: 1 }))));
    expect(proof.checks.filter((c) => c.status === "failed" || c.status === "skipped")).toEqual([]);
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
    const { of } = await verdicts(proofSubject(thirty, { change: bias(conv) }));
    expect(of("structural")).toMatchObject({
      status: "failed",
      first: { value: conv, node: conv, op: "Conv", frame: 0 },
    });
  });

  test("an operator that the interpreter lacks is named, not passed over", async () => {
    const model = sketch((g) =>
      g.op("LpPool", [g.conv("x", [2, 2, 3], { pads: [2, 0] })], { kernel_shape: [2] }, "lp"),
    );
    const { proof, of } = await verdicts(proofSubject(model));
    expect(of("structural")).toMatchObject({
      status: "skipped",
      reason: { code: "notCovered", op: "LpPool", node: "lp" },
    });
    expect(proof.verdict).toBe("incomplete");
  });

  test("T85 reset then replay, two streams in turn, save and restore give the same bits", async () => {
    const { of } = await verdicts(proofSubject(thirty, { chunk: 1 }));
    expect(of("replay")?.status).toBe("passed");
  });

  test("equal models and plans give equal bytes", async () => {
    const one = await prove(proofSubject(thirty), runtime, SILENT_JOB);
    const two = await prove(proofSubject(thirty), runtime, SILENT_JOB);
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
    expect(parityFile(proofSubject(thirty), parity, one)).toEqual(
      parityFile(proofSubject(thirty), parity, two),
    );
  });
});

/** Two same-padded convolutions: what the first makes before the start is not the padding that the second reads. */
const pair = sketch((g) =>
  g.conv(g.op("Tanh", [g.conv("x", [2, 2, 5], { pads: [2, 2] })]), [2, 2, 3], { pads: [1, 1] }),
);

describe("what the proof finds", () => {
  test.each(["hold", "mask", "two-graph"] as const)(
    "T13, T14 with NaN before the start and behind the end every true frame is as offline: %s",
    async (warmUp) => {
      const { proof, of } = await verdicts(
        proofSubject(pair, { plan: { warmUp, end: warmUp === "mask" ? "exact" : "open" } }),
      );
      expect(proof.checks.filter((c) => c.status === "failed" || c.status === "skipped")).toEqual([]);
      expect(of("poison")?.evidence.poisonedFrames).toBeGreaterThan(0);
      expect(of("poison")?.status).toBe("passed");
    },
  );

  test("T83 clips of one frame, shorter than a history and of every residue, to their last frame", async () => {
    const strided = sketch((g) =>
      g.conv(g.conv("x", [2, 2, 5], { pads: [2, 2], strides: [2] }), [2, 2, 3], { pads: [1, 1] }),
    );
    const { of } = await verdicts(
      proofSubject(strided, { chunk: 4, plan: { warmUp: "mask", end: "exact" } }),
    );
    expect(of("lengths")).toMatchObject({ status: "passed" });
    expect(of("lengths")?.evidence.lengths).toBeGreaterThan(6);
  });

  test("T94 caches hold slices of the offline values at every step; one that is shifted is named", async () => {
    const { of } = await verdicts(proofSubject(pair, { plan: { warmUp: "mask" } }));
    expect(of("caches")).toMatchObject({ status: "passed", evidence: { caches: 2 } });
    const late = (module: Module): Module =>
      mutantsOf(module).find((m) => m.what === "cache.x shifted")?.module ?? module;
    const bad = await verdicts(proofSubject(pair, { plan: { warmUp: "mask" }, change: late }));
    expect(bad.of("caches")).toMatchObject({
      status: "failed",
      reason: { code: "cacheHolds", cache: "cache.x" },
    });
    expect(bad.proof.verdict).toBe("failed");
  });

  test("T98 declared delay and receptive field are met when one frame is changed", async () => {
    const { of } = await verdicts(proofSubject(pair));
    const { values, confirmed, perturbations } = of("claims")?.evidence ?? {};
    expect([values, confirmed, perturbations]).toEqual([3, 3, 2]);
  });

  test("T98 a receptive field that is declared too small is contradicted", async () => {
    const subject = proofSubject(pair);
    const [name = ""] = subject.streaming.outputs.map((p) => p.name);
    const fact = subject.analysis.facts.get(name);
    if (fact?.kind !== "stream") throw new Error("no stream");
    const facts = new Map(subject.analysis.facts).set(name, { ...fact, field: { past: 1, future: 1 } });
    const { of } = await verdicts({ ...subject, analysis: { ...subject.analysis, facts } });
    expect(of("claims")).toMatchObject({
      status: "failed",
      reason: { code: "probeDisagrees", value: name, node: name },
    });
  });
});
