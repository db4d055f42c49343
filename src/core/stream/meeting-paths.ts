import type { Node, ValueName } from "../ir/graph.ts";

/** Values shown of a way: its first two and its last two. */
const SHOWN_ENDS = 2;

interface Streams {
  readonly producers: ReadonlyMap<ValueName, Node>;
  /** Axis of time of a value that streams, and how many axes it has. */
  readonly timeOf: (name: ValueName) => { readonly axis: number; readonly rank: number } | undefined;
}

/**
 * How the streams that meet at a node came there, each from an input of the model, with time marked in the last shape:
 * `x → c → a[·,·,T]; y → b[·,T,·]`. Long ways are shortened in the middle. The same in every language.
 */
export function meetingPaths(node: Node, streams: Streams): string {
  const ways = new Map<ValueName, string>();
  for (const name of node.inputs) {
    const time = streams.timeOf(name);
    if (!time || ways.has(name)) continue;
    const marks = Array.from({ length: time.rank }, (_, i) => (i === time.axis ? "T" : "·"));
    ways.set(name, `${shortened(wayTo(name, streams)).join(" → ")}[${marks.join(",")}]`);
  }
  return [...ways.values()].join("; ");
}

/** Values from an input of the model to this one, along the first stream into every node. */
function wayTo(name: ValueName, { producers, timeOf }: Streams): readonly ValueName[] {
  const way = [name];
  for (let node = producers.get(name); node; ) {
    const before = node.inputs.find((input) => timeOf(input));
    if (before === undefined) break;
    way.unshift(before);
    node = producers.get(before);
  }
  return way;
}

function shortened(way: readonly ValueName[]): readonly string[] {
  if (way.length <= 2 * SHOWN_ENDS + 1) return way;
  return [...way.slice(0, SHOWN_ENDS), "…", ...way.slice(-SHOWN_ENDS)];
}
