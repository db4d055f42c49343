import { fail } from "../../core/base/problem.ts";
import { ONE } from "../../core/base/rational.ts";
import { sha256Hex } from "../../core/base/sha256.ts";
import { encodeUtf8 } from "../../core/base/utf8.ts";
import { CHECKSUM_FILE, checksumFile } from "../../core/export/checksums.ts";
import { idfProject } from "../../core/export/esp-idf/idf-project.ts";
import { chipFiles } from "../../core/export/espdl/chip-files.ts";
import { espdlModel } from "../../core/export/espdl/espdl-model.ts";
import { soundFile } from "../../core/export/espdl/sound-file.ts";
import { MANIFEST_FILE, wholeModelManifest } from "../../core/export/manifest.ts";
import type { ChipDeployment, PackagedModule, PackagedPort } from "../../core/export/package-input.ts";
import { PLAN_FILE } from "../../core/export/plan-file.ts";
import { vectorFiles } from "../../core/export/test-vectors.ts";
import { zipFiles } from "../../core/export/zip.ts";
import { concatAxis } from "../../core/ir/axis.ts";
import { floats, type Tensor } from "../../core/ir/tensor.ts";
import type { Plan } from "../../core/plan/plan.ts";
import { printPlan } from "../../core/plan/print-plan.ts";
import { DeviceTwin, quantizeFeed } from "../../core/program/interpreter.ts";
import { type ChannelsLast, channelsLast } from "../../core/program/layout/channels-last.ts";
import { transposeTensor } from "../../core/program/layout/reorder.ts";
import { type Program, tensorIn } from "../../core/program/program.ts";
import type { EspdlTarget } from "../../core/targets/target.ts";
import { modelName } from "../model-name.ts";
import type { Sample } from "./place/observe-samples.ts";

export interface ChipPackageInput {
  readonly plan: Plan;
  readonly target: EspdlTarget;
  readonly program: Program;
  /** The first becomes the file's own test vectors, the first sixteen those of the package. */
  readonly samples: readonly Sample[];
}

const VECTOR_SAMPLES = 16;

/**
 * The package of a whole model for a chip: its `.espdl` with test vectors of every layer, the samples with their outputs, an
 * ESP-IDF project, the plan, a manifest, checksums.
 */
export function packageChip({ plan, target, program, samples }: ChipPackageInput): Uint8Array {
  const name = modelName(plan.model.name);
  const laid = channelsLast(program, { keepWeights: plan.compatible !== undefined });
  const runs = samples.slice(0, VECTOR_SAMPLES).map((sample) => runOf(program, laid, sample));
  const [first] = runs;
  if (!first) return fail({ code: "data.none" });
  const metadata = new Map([
    ["target", target.espPpq.target],
    ["plan", sha256Hex(encodeUtf8(printPlan(plan)))],
  ]);
  const { vectorBytes } = target;
  const model = espdlModel({ name, program: laid.program, vectorBytes, metadata, vectors: first });
  const ports = (names: readonly string[]) => names.map((n) => portOf(laid, n));
  const stack = (n: string, of: (run: Run) => Tensor | undefined): Tensor => {
    const parts = runs.map(of).filter((t) => t !== undefined);
    if (parts.length !== runs.length) throw new Error(`no ${n} in a run`);
    return concatAxis(
      parts.map((t) => ({ ...t, dims: [1, ...t.dims] })),
      0,
    );
  };
  const module: PackagedModule = {
    name,
    bytes: soundFile(model),
    period: 1,
    startStep: 0,
    gateRuns: 0,
    inputs: ports(program.inputs),
    outputs: ports(program.outputs),
    caches: [],
    cost: { macs: 0, weightBytes: 0, cacheBytes: 0, activationBytes: 0, dispatches: program.kernels.length },
    vectors: {
      steps: runs.length,
      inputs: new Map(program.inputs.map((n) => [n, stack(n, (run) => run.inputs[n])])),
      caches: new Map(),
      outputs: new Map(program.outputs.map((n) => [n, stack(n, (run) => run.values.get(n))])),
      nextCaches: new Map(),
      tolerances: new Map(program.outputs.map((n) => [n, 0])),
    },
  };
  const chip: ChipDeployment = { target, bits: plan.bits ?? 8, modules: [module] };
  const told = {
    plan,
    model: { name: plan.model.name, sha256: plan.model.sha256, producer: "", opset: 0, parameterCount: 0 },
    chunk: 1,
    inputs: module.inputs,
    outputs: module.outputs,
    schedule: WHOLE,
    float: [],
    chip,
  };
  const files = new Map<string, Uint8Array>([
    ...chipFiles(told),
    ...vectorFiles(told),
    ...idfProject(told),
    [PLAN_FILE, encodeUtf8(printPlan(plan))],
    [MANIFEST_FILE, wholeModelManifest(told)],
  ]);
  files.set(CHECKSUM_FILE, checksumFile(files));
  return zipFiles(files);
}

/** The model runs once for every sample. */
const WHOLE = {
  kind: "sequential",
  period: 1,
  framesPerStep: 1,
  steps: [{ step: 0, runs: [0], completes: true }],
  table: [],
  chosen: "wholeChunk",
} as const;

interface Run {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly values: ReadonlyMap<string, Tensor>;
}

function runOf(source: Program, { program, orders }: ChannelsLast, sample: Sample): Run {
  const inputs: Record<string, Tensor> = {};
  for (const input of source.inputs) {
    const given = sample[input];
    if (!given) throw new Error(`no sample for ${input}`);
    const quantized = quantizeFeed(source, input, floats(given));
    const order = orders.get(input);
    inputs[input] = order ? transposeTensor(quantized, order) : quantized;
  }
  return { inputs, values: new DeviceTwin(program).step(inputs) };
}

function portOf({ program, orders }: ChannelsLast, name: string): PackagedPort {
  const { dtype, dims, exponents } = tensorIn(program, name);
  const order = orders.get(name);
  const [exponent] = exponents ?? [];
  return {
    name,
    dtype,
    shape: dims,
    kind: "static",
    rate: ONE,
    delay: 0,
    framesPerStep: 1,
    exact: { kind: "exact" },
    ...(order && { order }),
    ...(exponent !== undefined && { scale: 2 ** exponent, zeroPoint: 0 }),
  };
}
