import type { Graph, Node, ValueName } from "../ir/graph.ts";
import { sizeOf, type Tensor } from "../ir/tensor.ts";
import { producersOf } from "../ir/walk.ts";
import { knownDims } from "../ops/rules/operand.ts";
import type { Inference, RulesOf } from "./analysis.ts";

/** Elements of a constant that is worth computing only to see how it goes on. */
const MOST_ELEMENTS = 1 << 22;

/** The constants that a graph computes from constants, beyond those small enough to be folded. */
export class StaticValues {
  private readonly inference: Inference;
  private readonly rulesOf: RulesOf;
  private readonly producers: ReadonlyMap<ValueName, Node>;
  private readonly known = new Map<ValueName, Tensor | undefined>();

  constructor(graph: Graph, inference: Inference, rulesOf: RulesOf) {
    this.inference = inference;
    this.rulesOf = rulesOf;
    this.producers = producersOf(graph);
  }

  /** The tensor of a value; undefined if it depends on an input or cannot be computed here. */
  of(name: ValueName): Tensor | undefined {
    const constant = this.inference.info(name).constant;
    if (constant) return constant;
    if (!this.known.has(name)) this.known.set(name, this.computed(name));
    return this.known.get(name);
  }

  private computed(name: ValueName): Tensor | undefined {
    const node = this.producers.get(name);
    const rules = node && this.rulesOf(node);
    const dims = knownDims(this.inference.info(name).shape);
    if (!node || !rules || (dims && sizeOf(dims) > MOST_ELEMENTS)) return undefined;
    const compute = rules.fold ?? rules.evaluate;
    if (!compute) return undefined;
    const operands = [];
    for (const input of node.inputs) {
      const constant = input === "" ? undefined : this.of(input);
      if (input !== "" && !constant) return undefined;
      operands.push(constant && { dtype: constant.dtype, shape: constant.dims, constant });
    }
    return compute(operands)?.[node.outputs.indexOf(name)];
  }
}
