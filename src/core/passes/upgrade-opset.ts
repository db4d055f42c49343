import { attributesOf } from "../ir/attributes.ts";
import type { Attribute, Graph, Model, Node, ValueName } from "../ir/graph.ts";
import { checkGraph } from "../ir/patch.ts";
import { floatTensor, type Tensor, tensorOf } from "../ir/tensor.ts";
import { realInputs } from "../ir/walk.ts";
import { definitionOf } from "../ops/catalogue.ts";
import type { OperandInfo, UpgradeContext } from "../ops/op.ts";
import { inferShapes } from "./infer-shapes.ts";
import { countUses, freshNames } from "./pass.ts";

/** The opset in which Rill writes what it changes. */
export const CANONICAL_OPSET = 18;
/** IR version that belongs to it. */
const CANONICAL_IR = 8;
/** Older opsets broadcast by attributes; nothing exports them any more. */
const OLDEST_OPSET = 7;

/** Operators outside the catalogue whose meaning changed: op → first opset with today's meaning. */
const CHANGED: ReadonlyMap<string, number> = new Map([
  ["RoiAlign", 16],
  ["Scan", 9],
]);

export interface Upgraded {
  readonly model: Model;
  /** Nodes that were spelled anew; 0 also if the model stays at its opset. */
  readonly changes: number;
}

/**
 * The model in opset 18, if every node has an exact equivalent there; otherwise (or if it is newer) as it is.
 * Initializers stop being graph inputs: they are constants for Rill, whatever the IR version.
 */
export function upgradeOpset(original: Model): Upgraded {
  const inputs = realInputs(original.graph);
  const model =
    inputs.length === original.graph.inputs.length
      ? original
      : { ...original, irVersion: Math.max(original.irVersion, 4), graph: { ...original.graph, inputs } };
  const opset = model.opsets.get("") ?? model.opsets.get("ai.onnx") ?? 0;
  if (opset >= CANONICAL_OPSET || opset < OLDEST_OPSET) return { model, changes: 0 };
  const upgrade = new Upgrade(opset, model);
  const graph = upgrade.graph(model.graph);
  if (!graph) return { model, changes: 0 };
  checkGraph(graph);
  const opsets = new Map(model.opsets);
  opsets.delete("ai.onnx");
  opsets.set("", CANONICAL_OPSET);
  return {
    model: { ...model, graph, opsets, irVersion: Math.max(model.irVersion, CANONICAL_IR) },
    changes: upgrade.changes,
  };
}

/** Attribute integers pass through doubles: those that left the range of int64 meant its ends. */
function toInt64(value: number): bigint {
  if (value >= 2 ** 63) return 2n ** 63n - 1n;
  return value < -(2 ** 63) ? -(2n ** 63n) : BigInt(value);
}

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** One upgrade of a graph and its subgraphs. */
class Upgrade {
  changes = 0;
  private readonly opset: number;
  private readonly info: () => (name: ValueName) => OperandInfo;
  private readonly fresh: () => (base: ValueName) => ValueName;
  private readonly uses: () => ReadonlyMap<ValueName, number>;

  constructor(opset: number, model: Model) {
    this.opset = opset;
    // Most nodes stay as they are, and most models need none of these.
    this.info = lazy(() => inferShapes(model).info);
    this.fresh = lazy(() => freshNames(model));
    this.uses = lazy(() => countUses(model));
  }

  /** Undefined if some node has no exact equivalent. */
  graph(graph: Graph): Graph | undefined {
    const initializers = new Map(graph.initializers);
    const nodes: Node[] = [];
    for (const node of graph.nodes) {
      const next = this.node(node, graph, initializers);
      if (!next) return undefined;
      if (next.length !== 1 || next[0] !== node) this.changes++;
      nodes.push(...next);
    }
    return { ...graph, initializers, nodes };
  }

  private node(
    original: Node,
    graph: Graph,
    initializers: Map<ValueName, Tensor>,
  ): readonly Node[] | undefined {
    const node = this.withSubgraphs(original);
    if (!node) return undefined;
    if (node.domain !== "" && node.domain !== "ai.onnx") return [node];
    if (this.opset < (CHANGED.get(node.op) ?? 0)) return undefined;
    const older = definitionOf(node.op)?.older;
    if (!older || this.opset >= older.before) return [node];
    return older.upgrade(node, attributesOf(node), this.context(original, graph, initializers), this.opset);
  }

  private withSubgraphs(node: Node): Node | undefined {
    const changed: Record<string, Attribute> = {};
    for (const [name, a] of Object.entries(node.attributes)) {
      if (a.kind !== "graph") continue;
      const graph = this.graph(a.value);
      if (!graph) return undefined;
      changed[name] = { kind: "graph", value: graph };
    }
    if (Object.keys(changed).length === 0) return node;
    return { ...node, attributes: { ...node.attributes, ...changed } };
  }

  private context(node: Node, graph: Graph, initializers: Map<ValueName, Tensor>): UpgradeContext {
    const put = (tensor: Tensor, suffix: string): ValueName => {
      const name = this.fresh()(`${node.outputs[0] ?? node.name}.${suffix}`);
      initializers.set(name, tensor);
      return name;
    };
    return {
      operand: (name) => {
        const own = graph.initializers.get(name);
        return own ? { dtype: own.dtype, shape: own.dims, constant: own } : this.info()(name);
      },
      constant: (values, dims) => put(floatTensor(values, dims), "value"),
      integers: (values, dims) =>
        put(tensorOf(BigInt64Array.from(values, toInt64), dims ?? [values.length]), "ints"),
      isUsed: (name) => this.uses().has(name),
      fresh: (base) => this.fresh()(base),
    };
  }
}
