import { makeNode, type Node, type ValueName } from "../ir/graph.ts";
import { type DType, longTensor, type Tensor, tensorOf } from "../ir/tensor.ts";
import type { StreamAnalysis } from "./analysis.ts";
import type { Extents } from "./extents.ts";
import { filledTensor } from "./filled-tensor.ts";
import type { GraphWriter } from "./graph-writer.ts";
import type { Cache } from "./module.ts";
import type { Ring, Rings } from "./rings.ts";
import type { View } from "./views.ts";

/** Writes the streaming form of nodes, one after the other, into a graph: histories, windows, rewritten constants. */
export class StreamWriter {
  private readonly analysis: StreamAnalysis;
  private readonly extents: Extents;
  private readonly rings: Rings;
  private readonly out: GraphWriter;
  /** Ring → the name of history ‖ chunk. */
  private readonly joined = new Map<Ring, ValueName>();
  private readonly cacheOf = new Map<Ring, Cache>();
  private readonly slices = new Map<string, ValueName>();

  constructor(analysis: StreamAnalysis, extents: Extents, rings: Rings, out: GraphWriter) {
    this.analysis = analysis;
    this.extents = extents;
    this.rings = rings;
    this.out = out;
  }

  /** The name under which the chunk of a value stands in the written graph. */
  resolve(value: ValueName): ValueName {
    return this.rings.source(value);
  }

  /** Writes one planned node. Its inputs must have been written. */
  write(node: Node): void {
    const plan = this.analysis.plans.get(node);
    switch (plan?.kind) {
      case "static":
      case "perStep":
        this.copy(node, this.plainInputs(node), node.attributes);
        break;
      case "frames":
        this.copy(node, this.frameInputs(node), node.attributes);
        break;
      case "window":
        this.copy(node, this.frameInputs(node), plan.attributes);
        break;
      case "delay":
      case "last": {
        const view = this.rings.views.get(node)?.[0];
        const target = node.outputs[0];
        if (!view || target === undefined) throw new Error(`no view of ${node.name}`);
        this.writeView(view, target);
        this.describe(target);
        break;
      }
      case "alias":
      case "length":
        break;
      default:
        throw new Error(`${node.name} has no plan`);
    }
  }

  /** Writes one node as it stands offline; constants that mention the length follow the extents. */
  writeOffline(node: Node): void {
    this.copy(node, this.frameInputs(node), node.attributes);
  }

  /** Inputs of a node that reads no history, with integer vectors that inference knows made constants. */
  plainInputs(node: Node): ValueName[] {
    return node.inputs.map((name) => this.plain(name));
  }

  /** The caches written so far, in the order of their first readers. */
  get caches(): Cache[] {
    return [...this.cacheOf.values()];
  }

  /** Writes history ‖ chunk (once) and returns its name. */
  window(ring: Ring): ValueName {
    const known = this.joined.get(ring);
    if (known !== undefined) return known;
    const { value, axis, frames } = ring;
    const dtype = this.extents.dtype(value);
    const shape = this.shape(value, axis, frames);
    const past = ring.kept ? this.addCache(ring, dtype, shape) : this.padding(ring, dtype, shape);
    const joined = this.out.fresh(`${past}.window`);
    this.out.concat([past, value], joined, axis);
    this.out.describe(joined, dtype, this.shape(value, axis, frames + this.extents.frames(value)));
    this.joined.set(ring, joined);
    return joined;
  }

  /** Writes what every cache holds after the step; call once, after the last node. */
  finish(): void {
    for (const ring of this.rings.all) this.window(ring);
    for (const [ring, cache] of this.cacheOf) {
      const { value, output, frames, axis } = cache;
      const chunk = this.extents.frames(value);
      const joined = this.window(ring);
      // A cache that only the user asked for is read here alone: read it, or it would be an unused input.
      const fromChunk = frames <= chunk && cache.readers.some((r) => r.use !== "forced");
      if (fromChunk) this.out.slice(value, output, axis, chunk - frames, chunk);
      else this.out.slice(joined, output, axis, chunk, chunk + frames);
    }
  }

  private copy(node: Node, inputs: ValueName[], attributes: Node["attributes"]): void {
    this.out.nodes.push({ ...node, inputs, attributes });
    for (const output of node.outputs) if (output !== "") this.describe(output);
  }

  private describe(value: ValueName): void {
    this.out.describe(value, this.extents.dtype(value), this.extents.shape(value));
  }

  private frameInputs(node: Node): ValueName[] {
    const plan = this.analysis.plans.get(node);
    const rewrite = plan?.kind === "frames" ? plan.rewrite : undefined;
    const inputs = node.inputs.map((name, i) => (i === rewrite?.input ? "" : this.plain(name)));
    for (const view of this.rings.views.get(node) ?? []) inputs[view.input] = this.writeView(view);
    if (rewrite) {
      const output = node.outputs[0] ?? "";
      const name = this.out.fresh(`${output}.length`);
      this.out.initializers.set(name, rewrite.constant(this.extents.frames(output)));
      inputs[rewrite.input] = name;
    }
    return inputs;
  }

  private plain(name: ValueName): ValueName {
    if (name === "") return name;
    const tensor = this.analysis.graph.initializers.get(name) ?? this.lengthConstant(name);
    if (tensor) this.out.initializers.set(name, tensor);
    return this.resolve(name);
  }

  /** Value of an integer vector that is known by inference alone; axes other than time that are symbolic count 1. */
  private lengthConstant(name: ValueName): Tensor | undefined {
    if (!this.lengths.has(name)) return undefined;
    const info = this.analysis.inference.info(name);
    if (info.constant) return info.constant;
    const values = (info.symbolic ?? []).map((d) => (typeof d === "number" ? d : 1));
    const dims = (info.shape ?? [values.length]).map((d) => (typeof d === "number" ? d : values.length));
    return info.dtype === "int32" ? tensorOf(Int32Array.from(values), dims) : longTensor(values, dims);
  }

  private get lengths(): ReadonlySet<ValueName> {
    this.lengthNames ??= new Set(
      [...this.analysis.plans].flatMap(([node, plan]) => (plan.kind === "length" ? node.outputs : [])),
    );
    return this.lengthNames;
  }
  private lengthNames: ReadonlySet<ValueName> | undefined;

  /** Writes the frames of a view, under `target` if given; returns their name. */
  writeView(view: View, target?: ValueName): ValueName {
    const { value, from, to } = view;
    const chunk = this.extents.frames(value);
    const ring = from < 0 ? this.rings.ringOf(view) : undefined;
    const history = ring?.frames ?? 0;
    const source = ring ? this.window(ring) : value;
    const [start, end] = [history + from, history + to];
    if (target === undefined && start === 0 && end === history + chunk) return source;
    const key = `${start}:${end}:${source}`;
    const known = target === undefined ? this.slices.get(key) : undefined;
    if (known !== undefined) return known;
    const axis = this.rings.axisOf(value);
    const name = target ?? this.out.fresh(`${source}.${start}-${end}`);
    this.out.slice(source, name, axis, start, end);
    this.out.describe(name, this.extents.dtype(value), this.shape(value, axis, end - start));
    if (target === undefined) this.slices.set(key, name);
    return name;
  }

  private shape(value: ValueName, axis: number, frames: number): readonly number[] {
    const shape = this.extents.shape(value);
    if (!shape) throw new Error(`shape of ${value} is unknown`);
    return shape.map((d, i) => (i === axis ? frames : d));
  }

  private addCache(ring: Ring, dtype: DType, shape: readonly number[]): ValueName {
    const input = this.out.fresh(`cache.${ring.value}`);
    const output = this.out.fresh(`${input}.next`);
    const { value, axis, frames, init, readers } = ring;
    this.cacheOf.set(ring, { value, input, output, shape, axis, frames, dtype, init, readers });
    return input;
  }

  private padding(ring: Ring, dtype: DType, shape: readonly number[]): ValueName {
    const name = this.out.fresh(`padding.${ring.value}`);
    this.out.initializers.set(name, filledTensor(dtype, shape, ring.init));
    return name;
  }
}

/** Writes `target = source` for an output whose maker vanished. */
export function writeIdentity(out: GraphWriter, source: ValueName, target: ValueName): void {
  out.nodes.push(makeNode("Identity", [source], [target]));
}
