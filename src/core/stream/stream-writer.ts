import { makeNode, type Node, type ValueName } from "../ir/graph.ts";
import { type DType, longTensor, type Tensor, tensorOf } from "../ir/tensor.ts";
import { usedBy } from "../ir/walk.ts";
import type { RecurrentState } from "../ops/op.ts";
import { writeAccumulate } from "./accumulate.ts";
import type { NodePlan, StreamAnalysis } from "./analysis.ts";
import { type Keys, writeMasks, writeValidity } from "./attention-writer.ts";
import { writeCarry } from "./carry.ts";
import { EdgeFrames } from "./edge-frames.ts";
import { EdgeMasks } from "./edge-masks.ts";
import type { Extents } from "./extents.ts";
import { filledTensor } from "./filled-tensor.ts";
import type { GraphWriter } from "./graph-writer.ts";
import type { Guard } from "./guard.ts";
import type { Cache } from "./module.ts";
import { PositionTables } from "./position-table.ts";
import { readTables, writePosition } from "./position-writer.ts";
import type { PositionSource } from "./positions.ts";
import { stateCache } from "./recurrent-writer.ts";
import type { Ring, Rings } from "./rings.ts";
import type { View } from "./views.ts";

/** Writes the streaming form of nodes, one after the other, into a graph: histories, windows, rewritten constants. */
export class StreamWriter {
  private readonly analysis: StreamAnalysis;
  private readonly extents: Extents;
  private readonly rings: Rings;
  private readonly out: GraphWriter;
  /** Ring → the names of the chunk, and of history ‖ chunk. */
  private readonly joined = new Map<Ring, { readonly chunk: ValueName; readonly window: ValueName }>();
  private readonly cacheOf = new Map<Ring, Cache>();
  private readonly states: Cache[] = [];
  private counters: readonly Cache[] = [];
  private readonly slices = new Map<string, ValueName>();
  private readonly masks: EdgeMasks;
  private readonly tables: PositionTables;
  private readonly edges: EdgeFrames;

  constructor(analysis: StreamAnalysis, extents: Extents, rings: Rings, out: GraphWriter) {
    this.analysis = analysis;
    this.extents = extents;
    this.rings = rings;
    this.out = out;
    this.masks = new EdgeMasks(analysis, extents, out);
    this.edges = new EdgeFrames(analysis, extents, out, this.masks);
    this.tables = new PositionTables(analysis, extents, out, this.masks);
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
        if (plan.counts) this.edges.mean(node, plan.counts, this.frameInputs(node), plan.attributes);
        else this.copy(node, this.frameInputs(node), plan.attributes);
        break;
      case "mirror":
        this.edges.mirror(node, plan.reach, this.frameInputs(node));
        break;
      case "interpolate":
        this.edges.interpolate(node, plan, this.frameInputs(node));
        break;
      case "recurrent":
        this.writeStateValues(plan.states, node, this.writeRecurrent(node));
        break;
      case "accumulate":
        this.keep(writeAccumulate(this.out, this.analysis, this.extents, node, plan, this.frameInputs(node)));
        break;
      case "carry":
        this.keep(writeCarry(this.out, this.analysis, this.extents, node, plan, this.frameInputs(node)));
        break;
      case "attention":
        this.writeAttention(node, plan, "chunk");
        break;
      case "position":
        this.writePosition(node, plan.source, () => this.positionsOf(node));
        break;
      case "delay":
      case "last": {
        const view = this.rings.views.get(node)?.[0];
        const target = node.outputs[0];
        if (!view || target === undefined) throw new Error(`no view of ${node.name}`);
        if (plan.kind === "last" && plan.single) {
          this.out.reshape(this.writeView(view), target, this.extents.shape(target) ?? []);
          this.describe(target);
          break;
        }
        if (view.mask || view.tail) this.masks.select(view, this.writeView(view), target);
        else this.writeView(view, target);
        this.describe(target);
        break;
      }
      case "alias":
      case "length":
      case "grid":
        break;
      default:
        throw new Error(`${node.name} has no plan`);
    }
  }

  /** Writes one node as it stands offline; constants that mention the length follow the extents. */
  writeOffline(node: Node): void {
    const plan = this.analysis.plans.get(node);
    // What places a window in a chunk is not what places it in the whole signal.
    const placed = plan?.kind === "window" && plan.constants !== undefined;
    if (plan?.kind === "grid") return;
    const output = node.outputs[0] ?? "";
    const positions = (): ValueName => this.out.vector(counted(this.extents.frames(output)));
    if (plan?.kind === "attention") this.writeAttention(node, plan, "all");
    else if (plan?.kind === "position") this.writePosition(node, plan.source, positions);
    else if (placed) this.copy(node, this.plainInputs(node), node.attributes);
    else this.copy(node, this.frameInputs(node, "whole", positions), node.attributes);
  }

  private writeAttention(node: Node, plan: Extract<NodePlan, { kind: "attention" }>, keys: Keys): void {
    const { extents, out } = this;
    const inputs = node.inputs.map((name) => this.plain(name));
    for (const view of this.rings.views.get(node) ?? []) inputs[view.input] = this.readView(view);
    const masked = writeMasks(out, node, plan, inputs, extents.frames(plan.frame.query), keys);
    const at = plan.operands.findIndex((o) => o.kind === "grid");
    const grid = masked[at];
    if (keys === "chunk" && plan.validity && grid !== undefined)
      masked[at] = writeValidity(out, this.analysis, extents, this.masks, node, plan, grid);
    const [output = ""] = node.outputs;
    if (node.op === "Reshape")
      masked[1] = out.constant(`${output}.shape`, longTensor(extents.shape(output) ?? []));
    this.copy(node, masked, node.attributes);
  }

  private writePosition(node: Node, source: PositionSource, positions: () => ValueName): void {
    const [output = ""] = node.outputs;
    const inputs = node.inputs.map((name, i) => (i === 0 ? this.plain(name) : name));
    const shape = this.extents.shape(output) ?? [];
    const target = { dtype: this.extents.dtype(output), shape, frames: this.extents.frames(output) };
    writePosition(this.out, node, source, inputs, target, positions);
    this.describe(output);
  }

  /** Positions of the frames that a node's output holds in this chunk. */
  private positionsOf(node: Node): ValueName {
    const [output = ""] = node.outputs;
    const fact = this.analysis.facts.get(output);
    if (fact?.kind !== "stream") throw new Error(`${output} does not stream`);
    const { rate, delay } = fact;
    return this.masks.positions(node, { rate, delay, frames: this.extents.frames(output) });
  }

  /** Writes a node whose states are caches, and returns it as written: its state outputs carry the caches' names. */
  writeRecurrent(node: Node): Node {
    const { states, inputs, caches, guard } = this.recurrentParts(node);
    const outputs = [...node.outputs];
    const kept: [cache: Cache, moved: ValueName][] = [];
    for (const [i, state] of states.entries()) {
      const cache = caches[i];
      while (outputs.length <= state.output) outputs.push("");
      if (!cache) continue;
      const masked = guard !== undefined && this.analysis.warmUp === "mask";
      const output = masked ? this.out.fresh(`${cache.output}.moved`) : cache.output;
      outputs[state.output] = output;
      if (masked) kept.push([cache, output]);
    }
    const written = { ...node, inputs, outputs };
    this.out.nodes.push(written);
    for (const [cache, moved] of kept)
      this.masks.keep(node, { cache, moved, junkFrames: guard?.junkFrames ?? 0 });
    for (const output of node.outputs) if (output !== "" && outputs.includes(output)) this.describe(output);
    return written;
  }

  /** The inputs of a node whose states are caches, and these; what they hold after the step is for the caller to write. */
  recurrentParts(node: Node): {
    readonly states: readonly RecurrentState[];
    readonly inputs: readonly ValueName[];
    readonly caches: readonly Cache[];
    readonly guard: Guard | undefined;
  } {
    const plan = this.analysis.plans.get(node);
    if (plan?.kind !== "recurrent") throw new Error(`${node.name} has no state`);
    const inputs = this.frameInputs(node);
    const caches = plan.states.map((state) => {
      const cache = stateCache(this.analysis, this.extents, this.out, node, state);
      while (inputs.length <= state.input) inputs.push("");
      inputs[state.input] = cache.input;
      this.keep(cache);
      return cache;
    });
    return { states: plan.states, inputs, caches, guard: plan.guard };
  }

  /** Adds a cache whose ends the caller writes. */
  keep(cache: Cache): void {
    this.states.push(cache);
  }

  /** Inputs of a node that reads no history, with integer vectors that inference knows made constants. */
  plainInputs(node: Node): ValueName[] {
    this.writeCaptured(node);
    return node.inputs.map((name) => this.plain(name));
  }

  /** The caches written so far, in the order of their first readers. */
  get caches(): Cache[] {
    return [...this.cacheOf.values(), ...this.states, ...this.counters];
  }

  /** Runs after which the written masks of the start do nothing. */
  get maskedRuns(): number {
    return this.masks.maskedRuns;
  }

  /** Writes history ‖ chunk (once) and returns its name. */
  window(ring: Ring): ValueName {
    return this.join(ring).window;
  }

  private join(ring: Ring): { readonly chunk: ValueName; readonly window: ValueName } {
    const known = this.joined.get(ring);
    if (known !== undefined) return known;
    const { value, axis, frames } = ring;
    const chunk = ring.late ? this.writeView(ring.late) : value;
    const dtype = this.extents.dtype(value);
    const shape = this.shape(value, axis, frames);
    const past = ring.kept ? this.addCache(ring, dtype, shape) : this.padding(ring, dtype, shape);
    const window = this.out.fresh(`${past}.window`);
    this.out.concat([past, chunk], window, axis);
    this.out.describe(window, dtype, this.shape(value, axis, frames + this.extents.frames(value)));
    this.joined.set(ring, { chunk, window });
    return { chunk, window };
  }

  /** Writes what every cache holds after the step; call once, after the last node. */
  finish(): void {
    for (const ring of this.rings.all) this.window(ring);
    for (const [ring, cache] of this.cacheOf) {
      const { value, output, frames, axis } = cache;
      const chunk = this.extents.frames(value);
      const joined = this.join(ring);
      // A cache that only the user asked for is read here alone: read it, or it would be an unused input.
      const fromChunk = frames <= chunk && cache.readers.some((r) => r.use !== "forced");
      if (fromChunk) this.out.slice(joined.chunk, output, axis, chunk - frames, chunk);
      else this.out.slice(joined.window, output, axis, chunk, chunk + frames);
    }
    this.counters = this.masks.finish();
  }

  /** States that are read as values too. */
  private writeStateValues(states: readonly RecurrentState[], node: Node, written: Node): void {
    for (const { output } of states) {
      const value = node.outputs[output] ?? "";
      if (!this.analysis.facts.has(value)) continue;
      writeIdentity(this.out, written.outputs[output] ?? "", value);
      this.describe(value);
    }
  }

  private copy(node: Node, inputs: ValueName[], attributes: Node["attributes"]): void {
    this.out.nodes.push({ ...node, inputs, attributes });
    for (const output of node.outputs) if (output !== "") this.describe(output);
  }

  private describe(value: ValueName): void {
    this.out.describe(value, this.extents.dtype(value), this.extents.shape(value));
  }

  private frameInputs(
    node: Node,
    positioned: "write" | "whole" = "write",
    framePositions = () => this.positionsOf(node),
  ): ValueName[] {
    this.writeCaptured(node);
    const plan = this.analysis.plans.get(node);
    const rewrite = plan?.kind === "frames" || plan?.kind === "interpolate" ? plan.rewrite : undefined;
    const more = plan?.kind === "interpolate" && positioned === "write" ? plan.factor : 0;
    const positions = plan?.kind === "frames" ? plan.positions : undefined;
    const left = new Set(
      plan?.kind === "recurrent" ? [...plan.states.map((s) => s.input), ...plan.dropped] : [],
    );
    if (rewrite) left.add(rewrite.input);
    for (const i of positions?.keys() ?? []) left.add(i);
    const constants = plan?.kind === "window" ? plan.constants : undefined;
    for (const i of constants?.keys() ?? []) left.add(i);
    const inputs = node.inputs.map((name, i) => (left.has(i) ? "" : this.plain(name)));
    for (const view of this.rings.views.get(node) ?? []) inputs[view.input] = this.readView(view);
    for (const [i, law] of positions ?? []) inputs[i] = this.tables[positioned](node, i, law);
    for (const [i, tensor] of constants ?? []) {
      inputs[i] = this.out.fresh(`${node.outputs[0]}.input${i}`);
      this.out.initializers.set(inputs[i], tensor);
    }
    if (rewrite) {
      const output = node.outputs[0] ?? "";
      const name = this.out.fresh(`${output}.length`);
      this.out.initializers.set(name, rewrite.constant(this.extents.frames(output) + more));
      inputs[rewrite.input] = name;
    }
    if (plan?.kind === "frames") readTables(this.out, this.extents, node, plan, inputs, framePositions);
    return inputs;
  }

  /** Constants that a subgraph of the node reads from outside. */
  private writeCaptured(node: Node): void {
    for (const name of usedBy(node)) if (!node.inputs.includes(name)) this.plain(name);
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

  /** The name of a view's frames as its reader must see them. */
  private readView(view: View): ValueName {
    return this.masks.select(view, this.writeView(view));
  }

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
    const { value, axis, frames, init, readers, holdSteps } = ring;
    const base = { kind: "window" as const, value, input, output, shape, axis, frames, dtype, init };
    this.cacheOf.set(ring, { ...base, ...(holdSteps !== undefined && { holdSteps }), readers });
    return input;
  }

  private padding(ring: Ring, dtype: DType, shape: readonly number[]): ValueName {
    const name = this.out.fresh(`padding.${ring.value}`);
    this.out.initializers.set(name, filledTensor(dtype, shape, ring.init));
    return name;
  }
}

const counted = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** Writes `target = source` for an output whose maker vanished. */
export function writeIdentity(out: GraphWriter, source: ValueName, target: ValueName): void {
  out.nodes.push(makeNode("Identity", [source], [target]));
}
