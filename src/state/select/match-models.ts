import type { ValueName } from "../../core/ir/graph.ts";
import type { ModelSummary, NodeSummary } from "../../engine/reports.ts";

/** Which nodes and values of two models are the same, by key and name; what is in neither map stands alone. */
export interface ModelMatch {
  /** Node key of the first → node key of the second, in order of the first. */
  readonly nodes: ReadonlyMap<string, string>;
  readonly values: ReadonlyMap<ValueName, ValueName>;
}

/** Cells of a comparison table at most; longer stretches are matched greedily. */
const MOST_CELLS = 4e6;

/**
 * Matches two models: nodes of one op by name, then by the value they make; what lies between two matched neighbours, in
 * topological order, by the longest common run of ops with equal attributes. A match never crosses another one.
 */
export function matchModels(a: ModelSummary, b: ModelSummary): ModelMatch {
  const anchors = rising(anchorsOf(a.nodes, b.nodes));
  const pairs: [number, number][] = [];
  let [fromA, fromB] = [0, 0];
  for (const [i, j] of [...anchors, [a.nodes.length, b.nodes.length] as const]) {
    pairs.push(...between(a.nodes, b.nodes, { fromA, fromB, toA: i, toB: j }));
    if (i < a.nodes.length) pairs.push([i, j]);
    [fromA, fromB] = [i + 1, j + 1];
  }
  const nodes = new Map<string, string>();
  const values = new Map<ValueName, ValueName>();
  for (const [i, j] of pairs) {
    const [first, second] = [a.nodes[i], b.nodes[j]];
    if (!first || !second) continue;
    nodes.set(first.key, second.key);
    addEach(values, first.outputs, second.outputs);
  }
  addEach(
    values,
    a.inputs.map((v) => v.name),
    b.inputs.map((v) => v.name),
  );
  return { nodes, values };
}

function addEach(values: Map<ValueName, ValueName>, a: readonly ValueName[], b: readonly ValueName[]): void {
  for (const [k, value] of a.entries()) {
    const other = b[k];
    if (value !== "" && other !== undefined && other !== "") values.set(value, other);
  }
}

/** Pairs of positions of nodes that are the same by name or by what they make. */
function anchorsOf(a: readonly NodeSummary[], b: readonly NodeSummary[]): [number, number][] {
  const byName = indexOf(b, (n) => n.name);
  const byOutput = indexOf(b, (n) => n.outputs[0] ?? "");
  const pairs: [number, number][] = [];
  for (const [i, node] of a.entries()) {
    const j = byName.get(node.name) ?? byOutput.get(node.outputs[0] ?? "");
    if (j !== undefined && b[j]?.op === node.op) pairs.push([i, j]);
  }
  return pairs;
}

/** Names that are there once. */
function indexOf(nodes: readonly NodeSummary[], nameOf: (node: NodeSummary) => string): Map<string, number> {
  const seen = new Map<string, number>();
  const twice = new Set<string>();
  for (const [i, node] of nodes.entries()) {
    const name = nameOf(node);
    if (name === "") continue;
    if (seen.has(name)) twice.add(name);
    seen.set(name, i);
  }
  for (const name of twice) seen.delete(name);
  return seen;
}

/** The longest part of the pairs whose second positions rise too (patience sorting). */
function rising(pairs: readonly (readonly [number, number])[]): (readonly [number, number])[] {
  const tails: number[] = [];
  const before: number[] = [];
  for (const [k, [, j]] of pairs.entries()) {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[tails[middle] as number] as readonly [number, number])[1] < j) low = middle + 1;
      else high = middle;
    }
    before[k] = low > 0 ? (tails[low - 1] as number) : -1;
    tails[low] = k;
  }
  const kept: (readonly [number, number])[] = [];
  for (let k = tails.at(-1) ?? -1; k >= 0; k = before[k] as number) kept.push(pairs[k] as [number, number]);
  return kept.reverse();
}

interface Stretch {
  readonly fromA: number;
  readonly fromB: number;
  readonly toA: number;
  readonly toB: number;
}

/** Longest common subsequence of two stretches of nodes by op and attributes. */
function between(
  a: readonly NodeSummary[],
  b: readonly NodeSummary[],
  { fromA, fromB, toA, toB }: Stretch,
): [number, number][] {
  const [n, m] = [toA - fromA, toB - fromB];
  if (n <= 0 || m <= 0) return [];
  const left = a.slice(fromA, toA).map(signature);
  const right = b.slice(fromB, toB).map(signature);
  const local = n * m > MOST_CELLS ? greedy(left, right) : longest(left, right);
  return local.map(([i, j]) => [fromA + i, fromB + j]);
}

function signature({ domain, op, attributes }: NodeSummary): string {
  return JSON.stringify([domain, op, Object.entries(attributes).sort(([x], [y]) => (x < y ? -1 : 1))]);
}

function longest(a: readonly string[], b: readonly string[]): [number, number][] {
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const at = i * width + j;
      lengths[at] =
        a[i] === b[j]
          ? (lengths[at + width + 1] as number) + 1
          : Math.max(lengths[at + width] as number, lengths[at + 1] as number);
    }
  }
  const pairs: [number, number][] = [];
  for (let [i, j] = [0, 0]; i < a.length && j < b.length; ) {
    const at = i * width + j;
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if ((lengths[at + width] as number) >= (lengths[at + 1] as number)) i++;
    else j++;
  }
  return pairs;
}

/** Each of `a` with the next equal one of `b`: linear, never crossing. */
function greedy(a: readonly string[], b: readonly string[]): [number, number][] {
  const places = new Map<string, number[]>();
  for (const [j, s] of b.entries()) places.set(s, [...(places.get(s) ?? []), j]);
  const pairs: [number, number][] = [];
  let from = 0;
  for (const [i, s] of a.entries()) {
    const j = places.get(s)?.find((place) => place >= from);
    // A far jump would skip everything between.
    if (j === undefined || j - from > LOOK_AHEAD) continue;
    pairs.push([i, j]);
    from = j + 1;
  }
  return pairs;
}

const LOOK_AHEAD = 64;
