import { attributesOf } from "../ir/attributes.ts";
import { concatAxis, sliceAxis } from "../ir/axis.ts";
import { type Graph, type Node, nodeKey, type ValueName } from "../ir/graph.ts";
import type { Tensor } from "../ir/tensor.ts";
import { rulesFor } from "../ops/catalogue.ts";
import type { OperandInfo } from "../ops/op.ts";
import { widened } from "./doubles.ts";
import { type Kernel, NotCovered, needed } from "./kernel.ts";
import { convolutionKernels } from "./kernels/convolution.ts";
import { elementwiseKernels } from "./kernels/elementwise.ts";
import { movementKernels } from "./kernels/movement.ts";
import { poolingKernels } from "./kernels/pooling.ts";
import { productKernels } from "./kernels/products.ts";
import { recurrenceKernels } from "./kernels/recurrence.ts";
import { resamplingKernels } from "./kernels/resampling.ts";
import { rowKernels } from "./kernels/rows.ts";

/** One line per file of kernels. */
const KERNELS: ReadonlyMap<string, Kernel> = new Map(
  [
    convolutionKernels,
    elementwiseKernels,
    movementKernels,
    poolingKernels,
    resamplingKernels,
    productKernels,
    recurrenceKernels,
    rowKernels,
  ].flatMap((file) => Object.entries(file)),
);

/** What initializers are instead, by identity; the others are themselves. */
export type Replacements = ReadonlyMap<Tensor, Tensor>;

/** What is made of a value as soon as it is there. */
export type Seen = (value: ValueName, tensor: Tensor) => Tensor;

/**
 * Runs a graph in the arithmetic of `exact.ts`: floats are doubles, contractions work on residues, functions without an
 * exact value have stand-ins. Operators without a kernel of their own follow the catalogue's rule for constants; what has
 * neither throws NotCovered.
 */
export class GraphRunner {
  private readonly graph: Graph;
  private readonly replacements: Replacements;
  private readonly constants: ReadonlyMap<ValueName, Tensor>;
  private readonly bodies = new Map<Node, GraphRunner>();

  constructor(graph: Graph, replacements: Replacements = new Map()) {
    this.graph = graph;
    this.replacements = replacements;
    this.constants = new Map(
      [...graph.initializers].map(([name, t]) => [name, widened(replacements.get(t) ?? t)] as const),
    );
  }

  /** Every value of the graph. `outer` are the values that a body may read of the graph around it. */
  run(
    feeds: Readonly<Record<ValueName, Tensor>>,
    see: Seen = (_, tensor) => tensor,
    outer: ReadonlyMap<ValueName, Tensor> = new Map(),
  ): Map<ValueName, Tensor> {
    const values = new Map<ValueName, Tensor>(this.constants);
    for (const [name, tensor] of Object.entries(feeds)) values.set(name, see(name, widened(tensor)));
    const valueAt = (name: ValueName): Tensor | undefined =>
      name === "" ? undefined : (values.get(name) ?? outer.get(name) ?? missing(name));
    for (const node of this.graph.nodes) {
      const results = this.compute(node, node.inputs.map(valueAt), values, outer);
      for (const [i, name] of node.outputs.entries()) {
        const result = results[i];
        if (name !== "" && result) values.set(name, see(name, widened(result)));
      }
    }
    return values;
  }

  private compute(
    node: Node,
    inputs: readonly (Tensor | undefined)[],
    values: ReadonlyMap<ValueName, Tensor>,
    outer: ReadonlyMap<ValueName, Tensor>,
  ): readonly Tensor[] {
    if (node.op === "Scan" && node.domain === "")
      return this.scan(node, inputs, new Map([...outer, ...values]));
    const kernel = node.domain === "" || node.domain === "ai.onnx" ? KERNELS.get(node.op) : undefined;
    const result = kernel?.(inputs, attributesOf(node), node) ?? byRule(node, inputs);
    if (!result) throw new NotCovered(node.op, nodeKey(node));
    return result;
  }

  /** The body once for every index of the scanned inputs' first axis. */
  private scan(
    node: Node,
    inputs: readonly (Tensor | undefined)[],
    outer: ReadonlyMap<ValueName, Tensor>,
  ): readonly Tensor[] {
    const attributes = attributesOf(node);
    const body = attributes.graph("body");
    const moved = ["scan_input_axes", "scan_output_axes", "scan_input_directions", "scan_output_directions"];
    if (!body || moved.some((name) => (attributes.ints(name, []) ?? []).some((v) => v !== 0)))
      throw new NotCovered(node.op, nodeKey(node));
    const runner = this.bodies.get(node) ?? new GraphRunner(body, this.replacements);
    this.bodies.set(node, runner);
    const scanned = attributes.int("num_scan_inputs", 0);
    const stateCount = inputs.length - scanned;
    let states = inputs.slice(0, stateCount).map(needed);
    const streams = inputs.slice(stateCount).map(needed);
    const steps = streams[0]?.dims[0] ?? 0;
    const collected: Tensor[][] = body.outputs.slice(stateCount).map(() => []);
    for (let step = 0; step < steps; step++) {
      const frames = streams.map((t) => withoutFirst(sliceAxis(t, 0, step, step + 1)));
      const feeds = Object.fromEntries(
        body.inputs.map(({ name }, i) => [name, needed([...states, ...frames][i])]),
      );
      const made = runner.run(feeds, undefined, outer);
      const results = body.outputs.map(({ name }) => needed(made.get(name) ?? outer.get(name)));
      states = results.slice(0, stateCount);
      for (const [i, list] of collected.entries()) list.push(withFirst(needed(results[stateCount + i])));
    }
    return [...states, ...collected.map((list) => concatAxis(list, 0))];
  }
}

function missing(name: ValueName): never {
  throw new Error(`no value for ${name}`);
}

function withoutFirst(t: Tensor): Tensor {
  return { ...t, dims: t.dims.slice(1) };
}

function withFirst(t: Tensor): Tensor {
  return { ...t, dims: [1, ...t.dims] };
}

/** What the catalogue computes of constants, it computes of values. */
function byRule(node: Node, inputs: readonly (Tensor | undefined)[]): readonly Tensor[] | undefined {
  const operands = inputs.map(
    (t): OperandInfo | undefined => t && { dtype: t.dtype, shape: t.dims, constant: t },
  );
  const rules = rulesFor(node);
  const folded = rules?.fold?.(operands);
  if (folded) return folded;
  // Vectors of lengths: what is known of the whole input's shape is their value.
  const inferred = rules?.infer(operands);
  const known = inferred?.map(({ symbolic, dtype, shape }) => {
    if (!symbolic || dtype !== "int64" || !symbolic.every((d) => typeof d === "number")) return undefined;
    const bytes = new Uint8Array(BigInt64Array.from(symbolic, BigInt).buffer);
    return { dtype, dims: shape?.length === 0 ? [] : [symbolic.length], bytes } as const;
  });
  return known?.every((t) => t !== undefined) && known.length > 0 ? known : undefined;
}
