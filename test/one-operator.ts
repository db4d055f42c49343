import { espdlModel } from "../src/core/export/espdl/espdl-model.ts";
import { soundFile } from "../src/core/export/espdl/sound-file.ts";
import { decodeEspdlModel } from "../src/core/format/espdl/decode-espdl.ts";
import { encodeModel } from "../src/core/format/onnx/encode-model.ts";
import { makeModel } from "../src/core/format/onnx/make-model.ts";
import { type Attribute, type Graph, type Model, makeNode } from "../src/core/ir/graph.ts";
import { elements, floats, floatTensor, type Tensor } from "../src/core/ir/tensor.ts";
import { programOfEspdl } from "../src/core/program/espdl/program-of-espdl.ts";
import { DeviceTwin, quantizeFeed } from "../src/core/program/interpreter.ts";
import { channelsLast } from "../src/core/program/layout/channels-last.ts";
import { transposeTensor } from "../src/core/program/layout/reorder.ts";
import { tensorIn } from "../src/core/program/program.ts";
import { offlineProgram, type PlacedModel } from "../src/engine/esp/chip-model.ts";
import type { Runtime } from "../src/engine/ports.ts";
import { goldenFormat } from "./golden.ts";

/** One operator on a chip. */
export interface Case {
  readonly op: string;
  readonly dims: readonly number[];
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** Inputs after the first. */
  readonly more?: readonly (Tensor | undefined)[];
  readonly outputs?: number;
  /** The runtime's own arithmetic goes beyond one rounding: steps of the output that it may be away from float. */
  readonly steps?: { readonly 8: number; readonly 16: number };
  readonly only8?: true;
  /** Inputs positive only. */
  readonly positive?: true;
  /** 18 unless the operator is newer. */
  readonly opset?: number;
}

/** Multiples of 1/32 within ±3.9, so that 8 bits hold them exactly. */
export function grid(dims: readonly number[], seed: number, divisor = 32): Tensor {
  let state = seed;
  const count = dims.reduce((n, d) => n * d, 1);
  return floatTensor(
    Float32Array.from({ length: count }, () => {
      state = (state * 1103515245 + 12345) % 2147483648;
      return (Math.floor(state / 65536) % 249) / divisor - 124 / divisor;
    }),
    dims,
  );
}

/** The operator alone, as a model: input x, outputs y0, y1, … */
export function modelOf({ op, dims, attributes = {}, more = [], outputs = 1, opset = 18 }: Case): Model {
  const names = more.map((tensor, i) => (tensor ? `k${i}` : ""));
  const made = Array.from({ length: outputs }, (_, i) => `y${i}`);
  const graph: Graph = {
    name: op,
    inputs: [{ name: "x", dtype: "float32", shape: dims }],
    outputs: made.map((name) => ({ name, dtype: "float32" })),
    initializers: new Map(more.flatMap((tensor, i) => (tensor ? [[`k${i}`, tensor] as const] : []))),
    nodes: [makeNode(op, ["x", ...names], made, attributes, op)],
    values: new Map(),
  };
  return makeModel(graph, { opset });
}

/** Names the case in a test. */
export const label = ({ op, attributes = {}, dims }: Case): string =>
  `${op} [${dims}] ${Object.entries(attributes)
    .map(
      ([k, a]) =>
        `${k}=${"value" in a ? (a.value instanceof Uint8Array ? String.fromCharCode(...a.value) : a.value) : ""}`,
    )
    .join(" ")}`;

export type ChipName = "esp32p4" | "esp32s3" | "c";

export const integersOf = (t: Pick<Tensor, "dtype" | "dims" | "bytes">): number[] =>
  Array.from(elements(t), Number);

/** One output of the same operator, as integers unless it says otherwise. */
export interface OperatorRun {
  readonly name: string;
  /** In ONNX order. */
  readonly plain: readonly number[];
  /** `plain` in the chip's layout, what that layout computes, and what the written file computes. */
  readonly expected: readonly number[];
  readonly laid: readonly number[];
  readonly reread: readonly number[];
  /** The float answer in steps of the output's exponent, in ONNX order. */
  readonly float: readonly number[];
}

/** From float to the chip's file and back: as placed, in the chip's layout, from the file, and in float. */
export async function throughFile(
  c: Case,
  { chip, bits }: { readonly chip: ChipName; readonly bits: 8 | 16 },
  runtime: Runtime,
  place: (model: Model, sample: Tensor) => Promise<PlacedModel>,
): Promise<OperatorRun[]> {
  const model = modelOf(c);
  const raw = grid(c.dims, 1);
  const x = c.positive ? floatTensor(floats(raw).map(Math.abs), c.dims) : raw;
  const program = offlineProgram(await place(model, x));
  const quantized = quantizeFeed(program, "x", floats(x));
  const plain = new DeviceTwin(program).step({ x: quantized });
  const vectorBytes = chip === "c" ? 0 : 16;
  const { program: laid, orders } = channelsLast(program, { vectorBytes });
  const order = orders.get("x");
  const inputs = { x: order ? transposeTensor(quantized, order) : quantized };
  const values = new DeviceTwin(laid).step(inputs);
  const metadata = new Map([["target", chip]]);
  const bytes = soundFile(
    espdlModel({ name: c.op, program: laid, vectorBytes, metadata, vectors: { inputs, values } }),
  );
  const { rounding } = goldenFormat(chip, bits);
  const read = new DeviceTwin(programOfEspdl(decodeEspdlModel(bytes), rounding)).step(inputs);
  const session = await runtime.open(encodeModel(model));
  const float = await session.run({ x });
  await session.release();
  return program.outputs.map((name) => {
    const [ours, turned, reread] = [plain.get(name), values.get(name), read.get(name)];
    const reference = float[name];
    if (!ours || !turned || !reread || !reference) throw new Error(`${name} is missing`);
    const turn = orders.get(name);
    const scale = 2 ** (tensorIn(program, name).exponents?.[0] ?? 0);
    return {
      name,
      plain: integersOf(ours),
      expected: integersOf(turn ? transposeTensor(ours, turn) : ours),
      laid: integersOf(turned),
      reread: integersOf(reread),
      float: Array.from(floats(reference), (y) => y / scale),
    };
  });
}

/** Most steps between the chip's answer and float's. */
export function stepsOff({ plain, float }: OperatorRun): number {
  return Math.max(...plain.map((q, i) => Math.abs(q - (float[i] ?? Number.NaN))));
}
