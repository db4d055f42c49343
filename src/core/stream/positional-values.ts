import type { Graph, Node, Shape, ValueName } from "../ir/graph.ts";
import { longTensor, type Tensor, tensorOf } from "../ir/tensor.ts";
import { producersOf } from "../ir/walk.ts";
import type { OperandInfo } from "../ops/op.ts";
import { dimAt } from "../ops/rules/dim.ts";
import type { Inference, RulesOf } from "./analysis.ts";

/**
 * Values that depend on the length of the input and on nothing else (masks, positions), computed at any length by the
 * operators' own folding rules.
 */
export class PositionalValues {
  private readonly graph: Graph;
  private readonly inference: Inference;
  private readonly rulesOf: RulesOf;
  private readonly producers: ReadonlyMap<ValueName, Node>;
  private readonly known = new Map<string, Tensor | undefined>();

  constructor(graph: Graph, inference: Inference, rulesOf: RulesOf) {
    this.graph = graph;
    this.inference = inference;
    this.rulesOf = rulesOf;
    this.producers = producersOf(graph);
  }

  /** The value when every symbolic length is `lengthOf(name)`; undefined if some operator on the way cannot be computed. */
  at(name: ValueName, lengthOf: (symbol: string) => number, key: string): Tensor | undefined {
    const id = `${key} ${name}`;
    if (this.known.has(id)) return this.known.get(id);
    // Set first: a value that depends on itself has none.
    this.known.set(id, undefined);
    const value = this.compute(name, lengthOf, key);
    this.known.set(id, value);
    return value;
  }

  private compute(name: ValueName, lengthOf: (symbol: string) => number, key: string): Tensor | undefined {
    const info = this.inference.info(name);
    const constant = this.graph.initializers.get(name) ?? info.constant;
    if (constant) return constant;
    if (info.symbolic) return vectorAt(info, lengthOf);
    const node = this.producers.get(name);
    const rules = node && this.rulesOf(node);
    if (!node || !rules?.fold) return undefined;
    const operands = node.inputs.map((input): OperandInfo | undefined => {
      if (input === "") return undefined;
      const value = this.at(input, lengthOf, key);
      return value && { dtype: value.dtype, shape: value.dims, constant: value };
    });
    if (node.inputs.some((input, i) => input !== "" && !operands[i])) return undefined;
    return rules.fold(operands)?.[node.outputs.indexOf(name)];
  }
}

/** A shape with numbers for its symbols. */
export function shapeAt(
  shape: Shape | undefined,
  lengthOf: (symbol: string) => number,
): number[] | undefined {
  if (!shape || shape.includes(null)) return undefined;
  return shape.map((d) => (d === null ? 1 : dimAt(d, lengthOf)));
}

/** An integer vector that inference knows element by element. */
function vectorAt(
  { symbolic, shape, dtype }: OperandInfo,
  lengthOf: (symbol: string) => number,
): Tensor | undefined {
  const values = shapeAt(symbolic, lengthOf);
  if (!values) return undefined;
  const dims = shape?.length === 0 ? [] : [values.length];
  return dtype === "int32" ? tensorOf(Int32Array.from(values), dims) : longTensor(values, dims);
}
