import { fail } from "../../core/base/problem.ts";
import { ONE } from "../../core/base/rational.ts";
import { sha256Hex } from "../../core/base/sha256.ts";
import { encodeUtf8 } from "../../core/base/utf8.ts";
import { wholeModelZip } from "../../core/export/artefacts.ts";
import { espdlModel } from "../../core/export/espdl/espdl-model.ts";
import type { PackagedModule, PackagedPort } from "../../core/export/package-input.ts";
import type { ValueRecord, WholeModelRecord } from "../../core/export/whole-model/whole-model-record.ts";
import { encodeEspdlModel } from "../../core/format/espdl/encode-espdl.ts";
import { concatAxis } from "../../core/ir/axis.ts";
import { floats, type Tensor } from "../../core/ir/tensor.ts";
import type { Plan } from "../../core/plan/plan.ts";
import { printPlan } from "../../core/plan/print-plan.ts";
import { copyOverwritten } from "../../core/program/copy-overwritten.ts";
import { DeviceTwin, quantizeFeed } from "../../core/program/interpreter.ts";
import { type ChannelsLast, channelsLast } from "../../core/program/layout/channels-last.ts";
import { transposeTensor } from "../../core/program/layout/reorder.ts";
import { type Program, tensorIn } from "../../core/program/program.ts";
import { programMacs } from "../../core/program/program-macs.ts";
import { programMemory } from "../../core/program/program-memory.ts";
import type { EspdlTarget } from "../../core/targets/target.ts";
import { encodeGraph } from "../encode-graph.ts";
import { modelName } from "../model-name.ts";
import { modelRecord } from "../model-record.ts";
import type { OpenedModel } from "../open-model.ts";
import { type PackedModel, refuseFailure } from "../package-model.ts";
import type { Job, Runtime } from "../ports.ts";
import { verifyPackage } from "../verify-package.ts";
import { chipErrors } from "./chip-errors.ts";
import { offlineProgram, type PlacedModel } from "./chip-model.ts";
import type { Sample } from "./place/observe-samples.ts";

export interface WholePackageInput {
  readonly plan: Plan;
  readonly opened: OpenedModel;
  readonly target: EspdlTarget;
  readonly placed: PlacedModel;
  /** The first becomes the file's own test vectors, the first sixteen those of the package; errors are measured on more. */
  readonly samples: readonly Sample[];
  readonly fileName: string;
}

const VECTOR_SAMPLES = 16;
const ERROR_SAMPLES = 64;
/** The runtime maps a model's whole partition; a plain ESP32 has 4 MB of addresses for it and for the program's own constants. */
const LAYER_VECTOR_BYTES = 2 ** 21;

/**
 * The package of a whole model for a chip: its `.espdl` with test vectors of every layer (of the outputs alone where those of all would
 * pass 2 MiB), the samples with their outputs, an ESP-IDF project, what is lost against float, the plan, a manifest, checksums. Read back
 * and run again through the twin before it is given out; throws `package.mismatch` where that differs.
 */
export async function packageWholeModel(
  input: WholePackageInput,
  runtime: Runtime,
  job: Job<unknown>,
): Promise<PackedModel> {
  const { placed, samples, fileName } = input;
  const measured = samples.slice(0, ERROR_SAMPLES);
  const values = await chipErrors({ placed, samples: measured }, runtime, job);
  const record = wholeRecord(input, values, measured.length);
  const options = { fileName, job };
  const draft = await verifyPackage(runtime, wholeModelZip(record), options);
  refuseFailure(draft.records);
  const checks = draft.records.filter((r) => r.file.endsWith(".espdl"));
  const zip = wholeModelZip({ ...record, checks });
  const final = await verifyPackage(runtime, zip, options);
  refuseFailure(final.records);
  return { report: final.report, zip };
}

function wholeRecord(
  { plan, opened, target, placed, samples }: WholePackageInput,
  values: readonly ValueRecord[],
  measured: number,
): WholeModelRecord {
  const program = offlineProgram(placed);
  const name = modelName(opened.name);
  const outside = channelsLast(program, { keepWeights: plan.compatible !== undefined });
  const laid = { ...outside, program: copyOverwritten(outside.program) };
  const runs = samples.slice(0, VECTOR_SAMPLES).map((sample) => runOf(program, laid, sample));
  const [first] = runs;
  if (!first) return fail({ code: "data.none" });
  const metadata = new Map([
    ["target", target.espPpq.target],
    ["plan", sha256Hex(encodeUtf8(printPlan(plan)))],
  ]);
  const { vectorBytes } = target;
  const vectors = { inputs: first.inputs, values: affordable(first.values, laid.program) };
  const model = espdlModel({ name, program: laid.program, vectorBytes, metadata, vectors });
  const module: PackagedModule = {
    name,
    bytes: encodeEspdlModel(model),
    period: 1,
    startStep: 0,
    gateRuns: 0,
    inputs: program.inputs.map((n) => portOf(laid, n)),
    outputs: program.outputs.map((n) => portOf(laid, n)),
    caches: [],
    cost: costOf(laid.program),
    vectors: vectorsOf(program, runs),
  };
  return {
    plan,
    model: modelRecord(opened),
    chunk: 1,
    inputs: module.inputs,
    outputs: module.outputs,
    schedule: WHOLE,
    float: [],
    chip: { target, bits: plan.bits ?? 8, modules: [module] },
    checks: [],
    samples: measured,
    values,
    ...(placed.choices && { choices: placed.choices }),
    findings: [...opened.findings, ...(placed.findings ?? [])],
    floatBytes: encodeGraph(opened.original.graph, opened.original.opsets).byteLength,
  };
}

/** Values of every layer; of the outputs alone where all would fill the flash that a chip can map. */
function affordable(values: Run["values"], { outputs }: Program): Run["values"] {
  const bytes = [...values.values()].reduce((sum, tensor) => sum + tensor.bytes.byteLength, 0);
  return bytes <= LAYER_VECTOR_BYTES
    ? values
    : new Map([...values].filter(([name]) => outputs.includes(name)));
}

function costOf(program: Program): PackagedModule["cost"] {
  const { parameterBytes, arenaBytes } = programMemory(program);
  return {
    macs: programMacs(program),
    weightBytes: parameterBytes,
    cacheBytes: 0,
    activationBytes: arenaBytes,
    dispatches: program.kernels.length,
  };
}

/** Every sample is a run; its outputs must be met exactly. */
function vectorsOf({ inputs, outputs }: Program, runs: readonly Run[]): PackagedModule["vectors"] {
  const stack = (name: string, of: (run: Run) => Tensor | undefined): [string, Tensor] => {
    const parts = runs.map(of).filter((t) => t !== undefined);
    if (parts.length !== runs.length) throw new Error(`no ${name} in a run`);
    return [
      name,
      concatAxis(
        parts.map((t) => ({ ...t, dims: [1, ...t.dims] })),
        0,
      ),
    ];
  };
  return {
    steps: runs.length,
    inputs: new Map(inputs.map((n) => stack(n, (run) => run.inputs[n]))),
    caches: new Map(),
    outputs: new Map(outputs.map((n) => stack(n, (run) => run.values.get(n)))),
    nextCaches: new Map(),
    tolerances: new Map(outputs.map((n) => [n, 0])),
  };
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
