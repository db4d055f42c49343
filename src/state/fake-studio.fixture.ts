import type { CacheProposal } from "../core/stream/module.ts";
import type { AnalysisReport, CalibrationReport, ModelSummary } from "../engine/reports.ts";
import type { Conversion, JobKind, NamedBlob } from "../worker/protocol.ts";
import type { Hosts } from "./stages.ts";
import { createStudio, type Studio } from "./studio.ts";

const PROPOSALS = [
  { value: "x", axis: 2, frames: 2, bytes: 128, delay: 0, readers: [] },
] as unknown as readonly CacheProposal[];

export const SHA = "a".repeat(64);

/** Answers of a worker for tests of the page's state: small, true to the types where the state looks. */
export const ANSWERS = {
  open: {
    name: "m.onnx",
    sha256: SHA,
    nodes: [{ key: "y", op: "Conv", name: "", inputs: ["x"], outputs: ["y"] }],
    inputs: [{ name: "x", shape: [1, 16, "T"] }],
    outputs: [{ name: "y" }],
    values: [],
    initializers: [],
    findings: [],
  } as unknown as ModelSummary,
  layout: {},
  analyse: {
    axes: [{ input: "x", chosen: 2, because: "symbolic", streamable: [2] }],
    facts: new Map(),
    refusals: [],
    proposals: PROPOSALS,
    minimalChunk: 2,
    defaultFeatures: { x: { kind: "logmel" } },
  } as unknown as AnalysisReport,
  convert: {
    inputs: [{ name: "x", axis: 2 }],
    modules: [{}],
    cuts: [],
    findings: [],
    proposals: PROPOSALS,
  } as unknown as Conversion,
  calibrate: {
    statistics: new Map(),
    clips: ["a.wav"],
    partial: false,
    frames: 9,
  } satisfies CalibrationReport,
  compare: { parity: { verdict: "exact" }, quantization: { outputs: [{ sqnrDb: 30 }], findings: [] } },
  prove: { verdict: "passed", checks: [] },
  exportPackage: { report: { verified: true, files: [], checks: [] } },
  previewClip: {},
  waveform: {},
  fitRange: {},
  inspectTensor: {},
  splitAdvice: { suggestions: [], hints: [], balances: [] },
} as const;

export interface Call {
  readonly kind: JobKind;
  readonly input: unknown;
}

export interface FakeStudio {
  readonly studio: Studio;
  readonly calls: Call[];
  /** Answers in place of the usual ones; a function throws or computes. */
  readonly answers: Partial<Record<JobKind, unknown>>;
}

/** A studio whose workers answer at once. */
export function fakeStudio(assets: Readonly<Record<string, string>> = {}): FakeStudio {
  const calls: Call[] = [];
  const answers: Partial<Record<JobKind, unknown>> = {};
  const host = {
    call: async (kind: JobKind, input: unknown, options: unknown) => {
      calls.push({ kind, input });
      const answer = answers[kind];
      if (typeof answer === "function") return answer(input, options);
      if (kind === "inspectClips" && answer === undefined) return inspected(input);
      // A new object each time, as whatever crosses a thread is.
      return { ...((answer ?? ANSWERS[kind as keyof typeof ANSWERS]) as object) };
    },
  };
  const studio = createStudio({
    hosts: { quick: host, heavy: host, drawing: host } as unknown as Hosts,
    fetchAsset: async (path) => new Blob([assets[path] ?? ""]),
  });
  return { studio, calls, answers };
}

function inspected(input: unknown) {
  const { clips } = input as { clips: readonly NamedBlob[] };
  return clips.map(({ name }) => ({ file: name, summary: { file: name, durationSeconds: 1 } }));
}

/** A file of text. */
export function file(name: string, text = name): NamedBlob {
  return { name, blob: new Blob([text]) };
}

/** Lets every promise that can go on do so. */
export async function settle({ stages }: Studio): Promise<void> {
  for (let round = 0; round < 5; round++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    for (const stage of Object.values(stages)) await stage.settled();
  }
}
