import { fail } from "../base/problem.ts";
import { ONE, rational } from "../base/rational.ts";
import type { ValueName } from "../ir/graph.ts";
import type { StreamAnalysis } from "./analysis.ts";
import type { Extents } from "./extents.ts";
import { EXACT, type Exactness } from "./fact.ts";
import type { Port } from "./module.ts";

function exactnessOf(
  { warmUp, wrong, facts }: StreamAnalysis,
  name: ValueName,
  approximate: ReadonlySet<ValueName>,
): Exactness {
  const fact = facts.get(name);
  if (fact && fact.kind !== "static" && fact.exact.kind === "approximate") return fact.exact;
  if (approximate.has(name)) return { kind: "approximate", reason: "cacheRemoved" };
  const starts = warmUp === "ignore" && (wrong.get(name) ?? 0) > 0;
  return starts ? { kind: "approximate", reason: "startIgnored" } : EXACT;
}

/** How a value enters or leaves a module. Throws `stream.refused` (shapeUnknown) if its shape is not known. */
export function portOf(
  analysis: StreamAnalysis,
  extents: Extents,
  name: ValueName,
  approximate: ReadonlySet<ValueName>,
): Port {
  const fact = analysis.facts.get(name) ?? { kind: "static" };
  const shape = extents.shape(name);
  if (!shape) return fail({ code: "stream.refused", node: name, op: "", axis: 0, reason: "shapeUnknown" });
  const exact = exactnessOf(analysis, name, approximate);
  const base = { name, dtype: extents.dtype(name), shape };
  switch (fact.kind) {
    case "static":
      return { ...base, kind: "static", rate: ONE, delay: 0, framesPerStep: 1, exact };
    case "perStep":
      return {
        ...base,
        kind: "perStep",
        rate: rational(1, extents.chunk),
        delay: (fact.delay * fact.rate.den) / fact.rate.num,
        framesPerStep: 1,
        exact,
      };
    case "stream":
      return {
        ...base,
        axis: fact.axis,
        kind: "stream",
        rate: fact.rate,
        delay: fact.delay,
        framesPerStep: extents.frames(name),
        exact,
      };
  }
}
