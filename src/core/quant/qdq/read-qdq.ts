import { attributesOf } from "../../ir/attributes.ts";
import type { Graph, Node, ValueName } from "../../ir/graph.ts";
import { byteLength, numbers, sizeOf, type Tensor } from "../../ir/tensor.ts";
import { consumersOf, realInputs } from "../../ir/walk.ts";
import type { Grid, GridTensor, QuantizedModel } from "../quantized-model.ts";

/** What quantizers append to the name of a value for its integers: Rill, ONNX Runtime. */
const INTEGER_SUFFIX = /(\.quantized|_quantized|_QuantizeLinear_Output)$/;
/** What they append for its reals, where the integers keep the name. */
const FLOAT_SUFFIX = /(\.float|\.dequantized|_DequantizeLinear_Output)$/;

/** The numbers of a graph in QDQ form: everything that a QuantizeLinear or DequantizeLinear of the main graph says. */
export function readQdq(graph: Graph): QuantizedModel {
  const values = new Map<ValueName, Grid>();
  const parameters = new Map<ValueName, GridTensor>();
  const readers = consumersOf(graph);
  for (const node of graph.nodes) {
    const grid = gridOf(graph, node);
    if (!grid) continue;
    const [source = ""] = node.inputs;
    const [made = ""] = node.outputs;
    const tensor = graph.initializers.get(source);
    if (node.op === "QuantizeLinear") values.set(nameOfQuantized(source, made), grid);
    else if (!tensor) setOnce(values, source.replace(INTEGER_SUFFIX, ""), grid);
    else {
      const ordered = asConvolution(tensor, source, made, readers.get(made)?.[0]);
      parameters.set(source.replace(INTEGER_SUFFIX, ""), { ...grid, dtype: tensor.dtype, tensor: ordered });
    }
  }
  const port = (name: ValueName) => name.replace(INTEGER_SUFFIX, "").replace(FLOAT_SUFFIX, "");
  return {
    form: "qdq",
    inputs: realInputs(graph).map((v) => port(v.name)),
    outputs: graph.outputs.map((v) => port(v.name)),
    values,
    parameters,
    tables: new Map(),
    tests: new Map(),
  };
}

function setOnce(values: Map<ValueName, Grid>, name: ValueName, grid: Grid): void {
  if (!values.has(name)) values.set(name, grid);
}

/** The value whose integers a QuantizeLinear makes: whichever end of it still has its name. */
function nameOfQuantized(source: ValueName, made: ValueName): ValueName {
  if (INTEGER_SUFFIX.test(made)) return made.replace(INTEGER_SUFFIX, "");
  return source.replace(FLOAT_SUFFIX, "");
}

/** What a QuantizeLinear or DequantizeLinear says of its values; undefined for other nodes, and where the scale is no constant. */
export function gridOf(graph: Graph, node: Node): Grid | undefined {
  if (node.op !== "QuantizeLinear" && node.op !== "DequantizeLinear") return undefined;
  const [source = "", scaleName = "", zeroName = ""] = node.inputs;
  const scale = graph.initializers.get(scaleName);
  if (scale?.dtype !== "float32") return undefined;
  const zero = graph.initializers.get(zeroName);
  const scales = numbers(scale);
  return {
    // Without a zero point QuantizeLinear makes uint8, and DequantizeLinear reads what it is given.
    dtype: zero?.dtype ?? graph.initializers.get(source)?.dtype ?? "uint8",
    scales,
    zeroPoints: zero ? numbers(zero) : scales.map(() => 0),
  };
}

/** A weight in the order in which QuantizedModel holds it. */
function asConvolution(tensor: Tensor, source: ValueName, made: ValueName, reader: Node | undefined): Tensor {
  if (!reader || reader.inputs[1] !== made || source === "") return tensor;
  const attributes = attributesOf(reader);
  if (reader.op === "Gemm" && attributes.int("transB", 0) === 1) return swapped(tensor, false);
  // Grouped ones have no single order of channels.
  const flips = reader.op === "ConvTranspose" && attributes.int("group", 1) === 1;
  return flips ? swapped(tensor, true) : tensor;
}

/** The first two axes swapped and, if asked, all others reversed. */
function swapped({ dtype, dims, bytes }: Tensor, reversed: boolean): Tensor {
  const [first = 1, second = 1, ...kernel] = dims;
  const width = byteLength(dtype, 1);
  const taps = sizeOf(kernel);
  const out = new Uint8Array(bytes.length);
  for (let i = 0; i < first; i++) {
    for (let j = 0; j < second; j++) {
      for (let k = 0; k < taps; k++) {
        const from = ((i * second + j) * taps + k) * width;
        const to = ((j * first + i) * taps + (reversed ? taps - 1 - k : k)) * width;
        out.set(bytes.subarray(from, from + width), to);
      }
    }
  }
  return { dtype, dims: [second, first, ...kernel], bytes: out };
}
