import { equal, ONE, type Rational, rational, times } from "../base/rational.ts";
import { type Model, type Node, nodeKey, type ValueName } from "../ir/graph.ts";
import { usedBy } from "../ir/walk.ts";
import type { Inference, InputPace, InputPaces, StreamAnalysis, TimeAxes } from "./analysis.ts";
import { type DeriveOptions, deriveFacts } from "./facts.ts";

/**
 * The facts, with every streaming input at its own pace. Paces that are not given are found where inputs meet: rates so
 * that what meets has equal rates, delays so that it has equal lengths (features come as late as the frames that a
 * front end makes of the audio beside them). The fastest input counts the frames of a chunk. If no paces fit, the facts
 * are those without them, refusals included.
 */
export function deriveAtPaces(
  model: Pick<Model, "graph">,
  inference: Inference,
  axes: TimeAxes,
  options: DeriveOptions = {},
): StreamAnalysis {
  const plain = deriveFacts(model, inference, axes, options);
  const inputs = Object.keys(axes);
  if (inputs.length < 2 || options.paces) return plain;
  const sources = sourcesOf(model, new Set(inputs));
  const derive = (paces: InputPaces) => deriveFacts(model, inference, axes, { ...options, paces });
  const { analysis, rates } = withRates(plain, sources, derive);
  if (analysis.refusals.length > 0) return analysis.refusals.some(isRateConflict) ? plain : analysis;
  return withDelays(analysis, sources, rates, derive);
}

type Sources = ReadonlyMap<ValueName, ReadonlySet<ValueName>>;
type Derive = (paces: InputPaces) => StreamAnalysis;

/** Which streaming inputs every value depends on. */
function sourcesOf({ graph }: Pick<Model, "graph">, inputs: ReadonlySet<ValueName>): Sources {
  const sources = new Map<ValueName, ReadonlySet<ValueName>>([...inputs].map((i) => [i, new Set([i])]));
  for (const node of graph.nodes) {
    const all = new Set(usedBy(node).flatMap((name) => [...(sources.get(name) ?? [])]));
    for (const output of node.outputs) sources.set(output, all);
  }
  return sources;
}

function isRateConflict({ problem }: StreamAnalysis["refusals"][number]): boolean {
  return problem.code === "stream.refused" && problem.reason === "ratesDiffer";
}

/** Streaming inputs of a node, with their facts and the model inputs that they depend on. */
function meeting({ facts }: StreamAnalysis, sources: Sources, node: Node) {
  return node.inputs.flatMap((value) => {
    const fact = facts.get(value);
    return fact?.kind === "stream" ? [{ value, fact, from: sources.get(value) ?? new Set<ValueName>() }] : [];
  });
}

/** Settles rates conflict by conflict; every round ties one more input to the others. */
function withRates(
  plain: StreamAnalysis,
  sources: Sources,
  derive: Derive,
): { analysis: StreamAnalysis; rates: ReadonlyMap<ValueName, Rational> } {
  const rates = new Map<ValueName, Rational>();
  const settled = new Set<ValueName>();
  const paces = (): InputPaces => {
    const fastest = [...rates.values()].reduce((a, b) => (a.num * b.den >= b.num * a.den ? a : b), ONE);
    const scale = rational(fastest.den, fastest.num);
    for (const input of Object.keys(plain.axes)) rates.set(input, times(rates.get(input) ?? ONE, scale));
    return Object.fromEntries([...rates].map(([name, rate]) => [name, { rate, delay: 0 }] as const));
  };
  let analysis = plain;
  for (let round = 0; round < Object.keys(plain.axes).length; round++) {
    const conflict = analysis.refusals.find(isRateConflict)?.problem;
    if (conflict?.code !== "stream.refused") break;
    const node = plain.graph.nodes.find((n) => nodeKey(n) === conflict.node);
    const [first, ...rest] = node ? meeting(analysis, sources, node) : [];
    const other = first && rest.find((o) => !equal(o.fact.rate, first.fact.rate));
    if (!first || !other) break;
    const bound = [...first.from].some((i) => settled.has(i));
    const [kept, moved] = bound || settled.size === 0 ? [first, other] : [other, first];
    if ([...moved.from].some((i) => settled.has(i) || kept.from.has(i))) break;
    const factor = times(kept.fact.rate, rational(moved.fact.rate.den, moved.fact.rate.num));
    for (const input of moved.from) rates.set(input, times(rates.get(input) ?? ONE, factor));
    for (const input of [...kept.from, ...moved.from]) settled.add(input);
    analysis = derive(paces());
  }
  return { analysis, rates };
}

/** Delays inputs that alone make a value which elsewhere has fewer frames of the same stream. */
function withDelays(
  start: StreamAnalysis,
  sources: Sources,
  rates: ReadonlyMap<ValueName, Rational>,
  derive: Derive,
): StreamAnalysis {
  const paces = new Map<ValueName, InputPace>();
  let analysis = start;
  for (const node of start.graph.nodes) {
    const missing = (value: ValueName, delay: number): number => delay - (analysis.lags.get(value) ?? 0);
    const all = meeting(analysis, sources, node);
    for (const late of all) {
      const [input, ...more] = late.from;
      if (input === undefined || more.length > 0 || paces.has(input)) continue;
      const other = all.find((o) => !o.from.has(input));
      const rate = rates.get(input) ?? ONE;
      if (!other || !equal(late.fact.rate, other.fact.rate)) continue;
      const frames =
        (missing(other.value, other.fact.delay) - missing(late.value, late.fact.delay)) *
        ((rate.num * late.fact.rate.den) / (rate.den * late.fact.rate.num));
      if (frames <= 0 || !Number.isInteger(frames)) continue;
      paces.set(input, { rate, delay: frames });
      const given = [...rates].map(([name, r]) => [name, { rate: r, delay: 0 }] as const);
      analysis = derive(Object.fromEntries([...given, ...paces]));
    }
  }
  return analysis.refusals.length === 0 ? analysis : start;
}
