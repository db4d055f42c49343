import type { Node, ValueName } from "../ir/graph.ts";
import type { StreamAnalysis } from "./analysis.ts";
import { CutGraph } from "./cuts.ts";
import type { LoadModel } from "./load.ts";
import { type NodeLoads, nodeLoads } from "./node-loads.ts";
import { chunksForNodes, roundFramesOf } from "./periods.ts";

/** A place where a model could be cut: the cheapest cut through one value. */
export interface CandidateCut {
  readonly value: ValueName;
  readonly upstream: ReadonlySet<Node>;
  readonly crossing: readonly ValueName[];
  /** Bytes that cross per round of the model. */
  readonly bytes: number;
  /** Every crossing stream lags by whole runs, so that the module behind starts without a mask. */
  readonly aligned: boolean;
  /** Runs that the module behind can be left out at the start. */
  readonly gateRuns: number;
  /** Whether the part above can run at every chunk. */
  readonly canBeFirst: boolean;
  /** Position of the value's maker among the nodes that move. */
  readonly at: number;
}

/** Every place that is worth a look, and what the nodes between two of them cost. */
export interface CutChoices {
  /** In the order of their makers. */
  readonly cuts: readonly CandidateCut[];
  /** The cheapest cut through any value. Throws as `cutsThrough` does. */
  cutOf(value: ValueName): CandidateCut;
  /** Nodes that move with time. */
  readonly nodes: readonly Node[];
  /** Whether the uncut model can take the chunk. */
  readonly wholeIsLegal: boolean;
  /** Seconds of one round of the nodes below `above` (undefined: from the inputs) and above `below` (to the outputs). */
  seconds(above: CandidateCut | undefined, below: CandidateCut | undefined): number;
}

/** So many cuts are looked at; more places are thinned out evenly by load, the cheapest of each neighbourhood kept. */
const MOST_CUTS = 192;

/**
 * The cheapest cut through every value that can be split at. The cuts stand for themselves: marking the value of one
 * gives that cut again.
 */
export function cutChoices(analysis: StreamAnalysis, chunk: number, load: LoadModel): CutChoices {
  const round = roundFramesOf(analysis, chunk);
  const places = new CutGraph(analysis, round);
  const loads = nodeLoads(analysis, places.nodes, round, load);
  const cutOf = (value: ValueName): CandidateCut => {
    const upstream = places.minimalCut(value, new Set(), []);
    const crossing = places.crossing(upstream);
    return {
      value,
      upstream,
      crossing,
      bytes: crossing.reduce((n, v) => n + places.bytesOf(v), 0),
      aligned: crossing.every((v) => Number.isInteger(junkRuns(analysis, v, round))),
      gateRuns: Math.floor(Math.min(...crossing.map((v) => junkRuns(analysis, v, round)))),
      canBeFirst: chunksForNodes(analysis, upstream, chunk) === 1,
      at: places.at(places.makerOf(value)),
    };
  };
  const cuts = splittable(places, loads).map(cutOf);
  return {
    cuts: cuts.sort((a, b) => a.at - b.at),
    cutOf,
    nodes: places.nodes,
    wholeIsLegal: round === chunk,
    seconds: (above, below) => loads.between(above?.upstream, below?.upstream),
  };
}

/** Runs through which a value holds nothing but junk. */
function junkRuns(analysis: StreamAnalysis, value: ValueName, round: number): number {
  const fact = analysis.facts.get(value);
  return fact?.kind === "stream" ? (fact.delay * fact.rate.den) / (fact.rate.num * round) : 0;
}

/** Values with a maker and a reader that move; of very many, the cheapest prefixes of the graph in each part of its load. */
function splittable(places: CutGraph, loads: NodeLoads): ValueName[] {
  const values = places.nodes.flatMap((node) =>
    node.outputs.filter((v) => v !== "" && places.readersOf(v).length > 0),
  );
  if (values.length <= MOST_CUTS) return values;
  const wanted = new Set(values);
  const live = liveBytes(places);
  const total = loads.between(undefined, undefined);
  const buckets: { value: ValueName; bytes: number }[][] = Array.from({ length: MOST_CUTS / 2 }, () => []);
  let done = 0;
  for (const [i, node] of places.nodes.entries()) {
    done += loads.alone(node);
    const at = Math.min(buckets.length - 1, Math.floor((done / total) * buckets.length));
    for (const value of node.outputs)
      if (wanted.has(value)) buckets[at]?.push({ value, bytes: live[i] ?? 0 });
  }
  return buckets.flatMap((all) =>
    all
      .sort((a, b) => a.bytes - b.bytes)
      .slice(0, 2)
      .map((c) => c.value),
  );
}

/** Per node: bytes that are still needed once it and all before it have run. */
function liveBytes(places: CutGraph): number[] {
  const change = new Array<number>(places.nodes.length + 1).fill(0);
  for (const [i, node] of places.nodes.entries()) {
    for (const value of node.outputs) {
      if (value === "") continue;
      const last = places.readersOf(value).reduce((n, reader) => Math.max(n, places.at(reader)), -1);
      if (last <= i) continue;
      change[i] = (change[i] ?? 0) + places.bytesOf(value);
      change[last] = (change[last] ?? 0) - places.bytesOf(value);
    }
  }
  let live = 0;
  return places.nodes.map((_, i) => {
    live += change[i] ?? 0;
    return live;
  });
}
