import type { ValueName } from "../ir/graph.ts";
import { DIRTY, EXACT, NO_JUNK } from "./fact.ts";
import type { Flow } from "./flow.ts";
import type { Band, Limits } from "./mask-band.ts";

/** How all nodes of one attention stand in time. */
export interface AttentionFrame {
  /** Frames of the output by which streaming lags offline: queries are read so late. */
  readonly delay: number;
  /** Frames by which the keys lag, all of them alike. */
  readonly keyDelay: number;
  /** Frames of keys in front of the chunk. */
  readonly history: number;
  /** The chunk must hold a multiple of so many frames. */
  readonly period: number;
  /** A stream of queries and one of keys. */
  readonly query: ValueName;
  readonly key: ValueName;
  /** The law of length of the keys, as the end must know it, and by how much the stream of `key` lags. */
  readonly keyLength: Flow["length"];
  readonly limits?: Limits;
}

interface Named {
  readonly name: ValueName;
  readonly flow: Flow;
}

/**
 * Row 32 of the transfer table: keys and values as a window of left + right + 1 frames that is padded by `left`. With a
 * period (attention in chunks) queries stand at their own place in a chunk, and look ahead to its end for nothing.
 */
export function frameOf(
  queries: readonly Named[],
  keys: readonly Named[],
  { period, left, right }: Band,
  limits: Limits | undefined,
): AttentionFrame {
  const [query, key] = [queries[0], keys[0]];
  if (!query || !key) throw new Error("an attention reads queries and keys");
  const keyDelay = Math.max(...keys.map((k) => k.flow.fact.delay));
  const needed = keyDelay + Math.max(0, aheadOf({ period, left, right }));
  const latest = Math.max(needed, ...queries.map((q) => q.flow.fact.delay));
  const delay = Math.ceil(latest / period) * period;
  const back = Math.max(...left.map((l, phase) => l - phase));
  return {
    delay,
    keyDelay,
    history: Math.max(0, back + delay - keyDelay),
    period,
    query: query.name,
    key: key.name,
    keyLength: key.flow.length,
    ...(limits && { limits }),
  };
}

/** Frames behind the end of its own chunk that a query reads. */
function aheadOf({ period, right }: Band): number {
  return Math.max(...right.map((r, phase) => r - (period - 1 - phase)));
}

export function attentionFlow(
  queries: readonly Named[],
  keys: readonly Named[],
  band: Band,
  { delay, limits }: AttentionFrame,
  axis: number,
): Flow {
  const [query] = queries;
  if (!query) throw new Error("an attention reads queries");
  const { rate } = query.flow.fact;
  const inputFrames = rate.den / rate.num;
  const all = [...queries, ...keys].map((n) => n.flow);
  const [left, right] = [Math.max(...band.left), Math.max(...band.right)];
  const fieldOf = (side: "past" | "future", reach: number): number =>
    Math.max(
      ...queries.map((q) => q.flow.fact.field[side]),
      ...keys.map((k) => k.flow.fact.field[side] + reach * inputFrames),
    );
  const ahead = Math.max(0, aheadOf(band));
  const spoiled = Math.max(...keys.map((k) => k.flow.wrong));
  return {
    fact: {
      kind: "stream",
      axis,
      rate,
      delay,
      junk: delay === 0 ? NO_JUNK : DIRTY,
      field: { past: fieldOf("past", left), future: fieldOf("future", right) },
      exact: limits
        ? { kind: "approximate", reason: "leftContext" }
        : (all.find((f) => f.fact.exact.kind !== "exact")?.fact.exact ?? EXACT),
    },
    lag: query.flow.lag - query.flow.fact.delay + delay,
    length: query.flow.length,
    cleanLag:
      delay +
      Math.min(
        ...queries.map((q) => q.flow.cleanLag - q.flow.fact.delay),
        ...keys.map((k) => k.flow.cleanLag - k.flow.fact.delay - ahead),
      ),
    wrong: Math.max(...queries.map((q) => q.flow.wrong), spoiled > 0 ? spoiled + Math.max(0, left) : 0),
  };
}
