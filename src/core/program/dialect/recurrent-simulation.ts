import { attributesOf } from "../../ir/attributes.ts";
import {
  type Attribute,
  type Graph,
  intAttribute,
  intsAttribute,
  type Model,
  makeNode,
  type Node,
  type ValueName,
} from "../../ir/graph.ts";
import { applyPatch } from "../../ir/patch.ts";
import { floats, floatTensor, longTensor, type Tensor } from "../../ir/tensor.ts";
import { freshNames } from "../../passes/pass.ts";
import type { Rounding } from "../../quant/scheme.ts";
import { transposeTensor } from "../layout/reorder.ts";

/** Steps to one, and the ends, of the 16-bit integers that gates are computed from. */
const GATE_STEPS = 512;
const GATE_MIN = -32768;
const GATE_MAX = 32767;

/**
 * GRU and LSTM as ESP-PPQ runs them while it observes activations: products with the matrices (and GRU's argument of tanh, LSTM's
 * cell) are rounded to 16-bit integers of 2^-9, hidden states are not rounded. Every direction becomes one ONNX Scan. Recurrences
 * with computed matrices stay. Source: esp-ppq 1.3.5, executor/op/torch/espdl.py 192–632.
 */
export function simulateRecurrences(model: Model, rounding: Rounding): Model {
  const fresh = freshNames(model);
  const addNodes: Node[] = [];
  const removeNodes = new Set<Node>();
  const setInitializers = new Map<ValueName, Tensor>();
  for (const node of model.graph.nodes) {
    if (node.op !== "GRU" && node.op !== "LSTM") continue;
    const [, w, r, b] = node.inputs.map((name) => model.graph.initializers.get(name));
    if (!w || !r) continue;
    const prefix = fresh(`${node.outputs[0]}.simulated`);
    const graph = new Simulation(node, { w, r, b }, rounding, prefix).build();
    addNodes.push(...graph.nodes);
    for (const [name, tensor] of graph.constants) setInitializers.set(name, tensor);
    removeNodes.add(node);
  }
  const graph = applyPatch(model.graph, { addNodes, removeNodes, setInitializers });
  return { ...model, graph };
}

interface Matrices {
  readonly w: Tensor;
  readonly r: Tensor;
  readonly b: Tensor | undefined;
}

/** A list of nodes with its constants; every value gets a name of its own. */
class Builder {
  readonly nodes: Node[] = [];
  readonly constants = new Map<ValueName, Tensor>();
  private readonly prefix: string;

  constructor(prefix: string) {
    this.prefix = prefix;
  }

  name(): ValueName {
    return `${this.prefix}.${this.nodes.length}.${this.constants.size}`;
  }

  add(
    op: string,
    inputs: readonly ValueName[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): ValueName {
    const output = this.name();
    this.nodes.push(makeNode(op, inputs, [output], attributes, output));
    return output;
  }

  constant(tensor: Tensor): ValueName {
    const name = `${this.name()}.constant`;
    this.constants.set(name, tensor);
    return name;
  }

  scalar(x: number): ValueName {
    return this.constant(floatTensor([x], []));
  }

  /** The nearest 16-bit integer of 2^-9, as a float. */
  gate(x: ValueName, rounding: Rounding): ValueName {
    const steps = this.add("Mul", [x, this.scalar(GATE_STEPS)]);
    const whole =
      rounding === "half-even"
        ? this.add("Round", [steps])
        : this.add("Floor", [this.add("Add", [steps, this.scalar(0.5)])]);
    const clipped = this.add("Clip", [whole, this.scalar(GATE_MIN), this.scalar(GATE_MAX)]);
    return this.add("Mul", [clipped, this.scalar(1 / GATE_STEPS)]);
  }

  /** Columns of gate k. */
  part(x: ValueName, k: number, hidden: number): ValueName {
    const bound = (value: number): ValueName => this.constant(longTensor([value]));
    return this.add("Slice", [x, bound(k * hidden), bound((k + 1) * hidden), bound(-1)]);
  }
}

class Simulation {
  private readonly node: Node;
  private readonly matrices: Matrices;
  private readonly rounding: Rounding;
  private readonly prefix: string;
  private readonly hidden: number;
  private readonly gates: number;

  constructor(node: Node, matrices: Matrices, rounding: Rounding, prefix: string) {
    this.node = node;
    this.matrices = matrices;
    this.rounding = rounding;
    this.prefix = prefix;
    this.hidden = matrices.r.dims[2] ?? 1;
    this.gates = node.op === "GRU" ? 3 : 4;
  }

  build(): Builder {
    const { node, matrices } = this;
    const outer = new Builder(this.prefix);
    const directions = matrices.w.dims[0] ?? 1;
    const backwards = attributesOf(node).string("direction", "forward") === "reverse";
    const runs = Array.from({ length: directions }, (_, d) => this.direction(outer, d, backwards || d === 1));
    for (const [i, name] of node.outputs.entries()) {
      if (name === "") continue;
      const axis = i === 0 ? 1 : 0;
      const axes = outer.constant(longTensor([axis]));
      const parts = runs.map((run) => outer.add("Unsqueeze", [run[i] ?? "", axes]));
      outer.nodes.push(makeNode("Concat", parts, [name], { axis: intAttribute(axis) }, name));
    }
    return outer;
  }

  /** All hidden states, the last one, and LSTM's last cell. */
  private direction(outer: Builder, d: number, backwards: boolean): ValueName[] {
    const { node, matrices, gates, hidden, rounding } = this;
    const [x = "", , , , , h0 = "", c0 = ""] = node.inputs;
    const width = matrices.w.dims[2] ?? 1;
    const matrix = (t: Tensor, columns: number): Tensor => {
      const size = gates * hidden * columns;
      const values = floats(t).subarray(d * size, (d + 1) * size);
      return transposeTensor(floatTensor(values, [gates * hidden, columns]), [1, 0]);
    };
    const product = outer.add("MatMul", [x, outer.constant(matrix(matrices.w, width))]);
    const fromInput = outer.gate(product, rounding);
    const start = (name: ValueName): ValueName =>
      name === ""
        ? outer.constant(floatTensor(new Float32Array(hidden), [1, hidden]))
        : outer.add("Gather", [name, outer.constant(longTensor([d], []))], { axis: intAttribute(0) });
    const states = node.op === "GRU" ? [start(h0)] : [start(h0), start(c0)];
    const body = this.body(d, matrix(matrices.r, hidden));
    const results = [...states.map((_, i) => `${this.prefix}.last${d}.${i}`), `${this.prefix}.all${d}`];
    outer.nodes.push(
      makeNode("Scan", [...states, fromInput], results, {
        body: { kind: "graph", value: body },
        num_scan_inputs: intAttribute(1),
        ...(backwards && {
          scan_input_directions: intsAttribute([1]),
          scan_output_directions: intsAttribute([1]),
        }),
      }),
    );
    return [results.at(-1) ?? "", ...results.slice(0, -1)];
  }

  /** One step: states and the products of the input in, states and the hidden state out. */
  private body(d: number, recurrent: Tensor): Graph {
    const { hidden, gates, rounding } = this;
    const b = new Builder(`${this.prefix}.body${d}`);
    const [h, c, xw] = ["h", "c", "x"].map((s) => `${this.prefix}.body${d}.${s}`) as [string, string, string];
    const hr = b.gate(b.add("MatMul", [h, b.constant(recurrent)]), rounding);
    const bias = (k: number): ValueName => {
      const all = this.matrices.b ? floats(this.matrices.b) : new Float32Array(0);
      const from = d * 2 * gates * hidden + k * hidden;
      return b.constant(
        floatTensor(
          Float32Array.from({ length: hidden }, (_, i) => all[from + i] ?? 0),
          [hidden],
        ),
      );
    };
    const summed = (k: number): ValueName => {
      const products = b.add("Add", [b.part(xw, k, hidden), b.part(hr, k, hidden)]);
      return b.add("Add", [products, b.add("Add", [bias(k), bias(gates + k)])]);
    };
    const next = gates === 3 ? this.gru(b, { h, xw, hr, summed, bias }) : this.lstm(b, c, summed);
    const states = gates === 3 ? [h] : [h, c];
    const all = b.add("Identity", [next[0] ?? ""]);
    return {
      name: "step",
      inputs: [...states, xw].map((name, i) => ({
        name,
        dtype: "float32" as const,
        shape: [null, i < states.length ? hidden : gates * hidden],
      })),
      outputs: [...next, all].map((name) => ({ name, dtype: "float32" as const, shape: [null, hidden] })),
      initializers: b.constants,
      nodes: b.nodes,
      values: new Map(),
    };
  }

  private gru(
    b: Builder,
    {
      h,
      xw,
      hr,
      summed,
      bias,
    }: {
      readonly h: ValueName;
      readonly xw: ValueName;
      readonly hr: ValueName;
      readonly summed: (k: number) => ValueName;
      readonly bias: (k: number) => ValueName;
    },
  ): ValueName[] {
    const z = b.add("Sigmoid", [summed(0)]);
    const reset = b.add("Sigmoid", [summed(1)]);
    const state = b.add("Mul", [reset, b.add("Add", [b.part(hr, 2, this.hidden), bias(5)])]);
    const argument = b.add("Add", [b.add("Add", [b.part(xw, 2, this.hidden), bias(2)]), state]);
    const n = b.add("Tanh", [b.gate(argument, this.rounding)]);
    const fresh = b.add("Mul", [b.add("Sub", [b.scalar(1), z]), n]);
    return [b.add("Add", [fresh, b.add("Mul", [z, h])])];
  }

  private lstm(b: Builder, c: ValueName, summed: (k: number) => ValueName): ValueName[] {
    const [input, output, forget] = [0, 1, 2].map((k) => b.add("Sigmoid", [summed(k)])) as [
      string,
      string,
      string,
    ];
    const candidate = b.add("Tanh", [summed(3)]);
    const sum = b.add("Add", [b.add("Mul", [forget, c]), b.add("Mul", [input, candidate])]);
    const cell = b.gate(sum, this.rounding);
    return [b.add("Mul", [output, b.add("Tanh", [cell])]), cell];
  }
}
