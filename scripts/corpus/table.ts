import type { CorpusRow, Outcome } from "./assess-model.ts";

const ORDER: readonly Outcome[] = [
  "BUG",
  "exact",
  "approximate",
  "already streaming",
  "refused",
  "not a time series",
  "not opened",
];

/** The corpus as a markdown table, outcomes together, and a line of counts. */
export function corpusTable(rows: readonly CorpusRow[]): string {
  const sorted = [...rows].sort((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome));
  const lines = sorted.map((r) =>
    line([
      r.file,
      r.nodes,
      r.outcome,
      r.axes
        ? Object.entries(r.axes)
            .map(([name, axis]) => `${name}:${axis}`)
            .join(" ")
        : "",
      r.chunk ?? "",
      r.cacheBytes ?? "",
      r.delay ?? "",
      r.seenAhead ?? "",
      r.worst === undefined ? "" : r.worst.toExponential(1),
      r.said.split("\n")[0] ?? "",
    ]),
  );
  const head = [
    "model",
    "ops",
    "outcome",
    "time axis",
    "chunk",
    "cache bytes",
    "delay",
    "seen ahead",
    "worst",
    "how known, or why not",
  ];
  const counts = ORDER.map((o) => [o, rows.filter((r) => r.outcome === o).length] as const);
  const sum = counts.flatMap(([o, n]) => (n > 0 ? [`${n} ${o}`] : [])).join(", ");
  return [line(head), line(head.map(() => "---")), ...lines, "", sum].join("\n");
}

function line(cells: readonly (string | number)[]): string {
  return `| ${cells.map((c) => String(c).replaceAll("|", "\\|")).join(" | ")} |`;
}
