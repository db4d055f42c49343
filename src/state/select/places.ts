import type { Problem } from "../../core/base/problem.ts";
import type { ModelSummary } from "../../engine/reports.ts";
import type { NamedBlob } from "../../worker/protocol.ts";
import { previewClip } from "../session.ts";
import type { Studio } from "../studio.ts";
import { openStep, type Selection, select } from "../view.ts";
import { allNodes } from "./all-nodes.ts";

/** What a problem is about: something of the graph, or a clip. `name` says it. */
export type Place =
  | { readonly kind: "graph"; readonly name: string; readonly selection: Selection }
  | { readonly kind: "clip"; readonly name: string; readonly file: NamedBlob };

interface Present {
  readonly summary: ModelSummary | undefined;
  readonly clips: readonly { readonly file: NamedBlob }[];
}

/** Where a problem is, if that place is there to be shown: of another model's nodes, or a value that does not exist, nothing can be. */
export function placeOf(problem: Problem, { summary, clips }: Present): Place | undefined {
  const names: Readonly<Record<string, unknown>> = { ...problem };
  const clip = clips.find(({ file }) => "file" in names && file.name === names.file);
  const [selection] = NAMING.flatMap(([key, kind]) => selectionOf(names[key], kind, summary) ?? []);
  if (selection) return { kind: "graph", name: selection.id, selection };
  return clip && { kind: "clip", name: clip.file.name, file: clip.file };
}

type Kind = "node" | "value";

/** Members of problems that name something of a graph, the most telling first, and what they name. */
const NAMING: readonly (readonly [string, Kind])[] = [
  ["node", "node"],
  ["value", "value"],
  ["input", "value"],
  ["output", "value"],
  ["where", "node"],
  ["tensor", "value"],
  ["port", "value"],
];

/** A node may be called by the name of what it makes: the kind that is meant comes first. */
function selectionOf(id: unknown, meant: Kind, summary: ModelSummary | undefined): Selection | undefined {
  if (typeof id !== "string" || id === "" || !summary) return undefined;
  const other: Kind = meant === "node" ? "value" : "node";
  const exists = (kind: Kind) =>
    kind === "node" ? allNodes(summary).nodeOf.has(id) : valuesOf(summary).has(id);
  const kind = [meant, other].find(exists);
  return kind && { kind, id };
}

const known = new WeakMap<ModelSummary, ReadonlySet<string>>();

/** Names of all values of a model, found once. */
function valuesOf(summary: ModelSummary): ReadonlySet<string> {
  const found = known.get(summary);
  if (found) return found;
  const { nodes, initializers } = allNodes(summary);
  const names = new Set([
    ...summary.inputs.map((v) => v.name),
    ...nodes.flatMap((n) => n.outputs),
    ...initializers.map((i) => i.name),
  ]);
  known.set(summary, names);
  return names;
}

/** Selects it in the graph, or opens the audio step on it. */
export function showPlace({ view, session }: Pick<Studio, "view" | "session">, place: Place): void {
  if (place.kind === "graph") select(view, place.selection);
  else {
    previewClip(session, place.file);
    openStep(view, "audio");
  }
}
