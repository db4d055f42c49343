import { type Finding, fail } from "../base/problem.ts";
import { type Graph, type Node, nodeKey, type ValueName } from "../ir/graph.ts";
import { floats } from "../ir/tensor.ts";
import { consumersOf, infoOf, producersOf } from "../ir/walk.ts";
import { DisjointSets } from "./disjoint-sets.ts";
import { paramsFor } from "./params.ts";
import { type Range, unionOf } from "./range.ts";
import type { QuantRule } from "./rule.ts";
import type { QuantParams, Scheme } from "./scheme.ts";

/** What the operators and the user say about quantizing a graph's nodes. */
export interface NodePolicy {
  /** The operator's facet; undefined keeps the node in float. */
  ruleOf(node: Node): QuantRule | undefined;
  /** Keys of nodes that the user keeps in float. */
  readonly keepFloat?: ReadonlySet<string>;
}

export interface PlacementOptions extends NodePolicy {
  readonly activations: Scheme;
  /** Calibrated range of a value; undefined if nothing was observed. */
  rangeOf(value: ValueName): Range | undefined;
  /** Values that exist outside a module (caches, module boundaries): they are quantized even where an op would fuse. */
  readonly materialised?: ReadonlySet<ValueName>;
  /** Pairs of values that must share parameters although no node of the graph ties them (state in and out). */
  readonly ties?: readonly (readonly [ValueName, ValueName])[];
}

export interface Placement {
  /** Every value that is quantized. A value without an entry stays float. */
  readonly params: ReadonlyMap<ValueName, QuantParams>;
  readonly findings: readonly Finding[];
}

/** A node's rule if it may be quantized at all: kept-float nodes and nodes without activations may not. */
export function quantRuleOf(policy: NodePolicy, node: Node): QuantRule | undefined {
  const rule = policy.keepFloat?.has(nodeKey(node)) ? undefined : policy.ruleOf(node);
  return rule?.inputs.includes("activation") ? rule : undefined;
}

/** True for ops whose output integers are (some of) their input's. */
export function movesIntegers(rule: QuantRule): boolean {
  return rule.output === "same" || rule.output === "union";
}

/** Inputs of a node that carry activations: not constant, not absent, not shapes. */
export function activationInputs(graph: Graph, node: Node, rule: QuantRule): ValueName[] {
  return node.inputs.filter((name, i) => {
    const role = rule.inputs[i];
    return name !== "" && !graph.initializers.has(name) && (role === "activation" || role === "weight");
  });
}

/**
 * Decides which values of the *offline* graph are quantized and with which parameters; every module and the offline
 * graph then use the same ones by name.
 *
 * - Movement ("same") and joining ("union") ops put their inputs and outputs into one group with one scale and zero
 *   point: the union of the ranges of the values that enter the group. Their caches carry the same names' parameters.
 * - No parameters between an op and the Relu that fuses into it, nor between a product without bias and the
 *   elementwise op with a constant that follows.
 * - Ops without a rule, and those kept in float, run in float; a value between two such ops stays float.
 *
 * Throws `quant.noStatistics` for a quantized value that was never observed. An all-zero value is a finding.
 */
export function assignParams(graph: Graph, options: PlacementOptions): Placement {
  const survey = surveyOf(graph, options);
  const params = new Map<ValueName, QuantParams>();
  const findings: Finding[] = [];
  for (const group of groupsOf(graph, options, survey)) {
    const range = rangeOfGroup(group, options, survey);
    const shared = paramsFor(range, options.activations, "int8");
    const [first] = group.members;
    if (range.low === 0 && range.high === 0 && first !== undefined) {
      findings.push({ severity: "warning", problem: { code: "quant.neverMoved", value: first } });
    }
    for (const member of group.members) params.set(member, shared);
  }
  return { params, findings };
}

interface Survey {
  readonly producers: ReadonlyMap<ValueName, Node>;
  /** Values that stay float inside a fused pair of nodes. */
  readonly internal: ReadonlySet<ValueName>;
  /** Nodes that compute in integers. */
  readonly computing: ReadonlyMap<Node, QuantRule>;
  readonly moving: ReadonlyMap<Node, QuantRule>;
}

function surveyOf(graph: Graph, options: PlacementOptions): Survey {
  const producers = producersOf(graph);
  const consumers = consumersOf(graph);
  const info = infoOf(graph);
  const outputs = new Set(graph.outputs.map((o) => o.name));
  const internal = new Set<ValueName>();
  const computing = new Map<Node, QuantRule>();
  const moving = new Map<Node, QuantRule>();
  const onlyRead = (value: ValueName) =>
    consumers.get(value)?.length === 1 && !outputs.has(value) && !options.materialised?.has(value);

  for (const node of graph.nodes) {
    const rule = quantRuleOf(options, node);
    const dtype = info(node.outputs[0] ?? "")?.dtype ?? "float32";
    if (!rule || dtype !== "float32") continue;
    if (movesIntegers(rule)) {
      moving.set(node, rule);
      continue;
    }
    const [source, ...others] = activationInputs(graph, node, rule);
    const producer = source === undefined ? undefined : producers.get(source);
    const fuses =
      source !== undefined &&
      others.length === 0 &&
      producer !== undefined &&
      !moving.has(producer) &&
      onlyRead(source) &&
      (rule.fusesIntoProducer === true || addsToProduct(graph, node, rule, computing.get(producer)));
    if (fuses) internal.add(source);
    // An op that fuses into a float op is part of the float region.
    if (!fuses || (producer && computing.has(producer))) computing.set(node, rule);
  }
  return { producers, internal, computing, moving };
}

/** Whether a node combines the product of a bias-less op (MatMul) with a constant. */
function addsToProduct(graph: Graph, node: Node, rule: QuantRule, product: QuantRule | undefined): boolean {
  if (!product?.inputs.includes("weight") || product.inputs.includes("bias")) return false;
  return rule.inputs.some((role, i) => role === "activation" && graph.initializers.has(node.inputs[i] ?? ""));
}

interface Group {
  readonly members: ValueName[];
  /** Range of the constants that join the group's values. */
  constants: Range | undefined;
}

/** Groups that a computing node reads or writes, in the order of their first member; members in graph order. */
function groupsOf(graph: Graph, options: PlacementOptions, survey: Survey): Group[] {
  const sets = new DisjointSets();
  for (const [node, rule] of survey.moving) {
    const carried = carriedInputs(graph, node, rule);
    const [anchor = ""] = node.outputs;
    for (const name of [...carried, ...node.outputs]) if (name !== "") sets.join(anchor, name);
  }
  for (const [a, b] of options.ties ?? []) sets.join(a, b);

  const wanted = new Set<ValueName>();
  for (const [node, rule] of survey.computing) {
    for (const name of [...activationInputs(graph, node, rule), ...node.outputs]) {
      if (name !== "" && !survey.internal.has(name)) wanted.add(sets.find(name));
    }
  }
  const groups = new Map<ValueName, Group>();
  const add = (name: ValueName) => {
    const root = sets.find(name);
    if (name === "" || !wanted.has(root) || survey.internal.has(name)) return;
    const group = groups.get(root);
    if (group) group.members.push(name);
    else groups.set(root, { members: [name], constants: undefined });
  };
  for (const input of graph.inputs) if (!graph.initializers.has(input.name)) add(input.name);
  for (const node of graph.nodes) for (const output of node.outputs) add(output);

  for (const [node, rule] of survey.moving) {
    const group = groups.get(sets.find(node.outputs[0] ?? ""));
    for (const [i, name] of node.inputs.entries()) {
      const tensor = rule.inputs[i] === "activation" ? graph.initializers.get(name) : undefined;
      if (!group || tensor?.dtype !== "float32") continue;
      const range = rangeOfConstant(floats(tensor));
      group.constants = group.constants ? unionOf(group.constants, range) : range;
    }
  }
  return [...groups.values()];
}

/** Inputs whose integers pass to the output: the first for "same", all for "union". */
export function carriedInputs(graph: Graph, node: Node, rule: QuantRule): ValueName[] {
  const inputs = activationInputs(graph, node, rule);
  return rule.output === "same" ? inputs.filter((name) => name === node.inputs[0]) : inputs;
}

function rangeOfConstant(values: Float32Array): Range {
  let [low, high] = [0, 0];
  for (const x of values) [low, high] = [Math.min(low, x), Math.max(high, x)];
  return { low, high };
}

/** Union of what enters the group: ranges of values made elsewhere, known ranges, constants. */
function rangeOfGroup(group: Group, options: PlacementOptions, survey: Survey): Range {
  const ranges: Range[] = group.constants ? [group.constants] : [];
  const unseen: ValueName[] = [];
  for (const member of group.members) {
    const producer = survey.producers.get(member);
    if (producer && survey.moving.has(producer)) continue;
    const output = producer && survey.computing.get(producer)?.output;
    const known = Array.isArray(output) ? { low: output[0], high: output[1] } : options.rangeOf(member);
    if (known) ranges.push(known);
    else unseen.push(member);
  }
  if (unseen.length > 0 || ranges.length === 0) {
    // What was moved out of a value tells its range as well.
    const moved = group.members.map(options.rangeOf).filter((range) => range !== undefined);
    if (moved.length === 0) fail({ code: "quant.noStatistics", value: unseen[0] ?? group.members[0] ?? "" });
    ranges.push(...moved);
  }
  return ranges.reduce(unionOf);
}
