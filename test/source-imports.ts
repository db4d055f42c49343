import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, sep } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** One import as written: `to` is a path below `src/`, or a package's name. */
export interface ImportEdge {
  readonly from: string;
  readonly to: string;
  readonly kind: "value" | "type";
  readonly external: boolean;
}

/** Files below a folder of the repository, with "/" separators, sorted; nothing if the folder is absent. */
export function filesIn(folder: string, pattern: RegExp): string[] {
  let entries: string[];
  try {
    entries = readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" });
  } catch {
    return [];
  }
  return entries
    .map((file) => file.split(sep).join("/"))
    .filter((file) => pattern.test(file))
    .sort();
}

const STATEMENT = /(?:^|[\n;}])\s*(?:import|export)\s+(type\s+)?([^;'"()]*?)\s*from\s*["']([^"']+)["']/g;
const SIDE_EFFECT = /(?:^|[\n;])\s*import\s*["']([^"']+)["']/g;
const DYNAMIC = /(?:\bimport\s*\(\s*|\bnew\s+URL\(\s*)["']([^"']+)["']/g;

/** Text in backticks may hold programs of its own. */
const TEMPLATE = /`(?:\\[\s\S]|[^`\\])*`/g;

/** Every import of one file below `src/`; `{ type A }` counts as a type import when all names are types. */
export function importsOf(file: string): ImportEdge[] {
  const text = readFileSync(join(ROOT, "src", file), "utf8").replace(TEMPLATE, "``");
  const edges: ImportEdge[] = [];
  const add = (target: string, kind: ImportEdge["kind"]) => edges.push(edgeOf(file, target, kind));
  for (const [, type, names = "", target = ""] of text.matchAll(STATEMENT)) {
    add(target, type || allTypes(names) ? "type" : "value");
  }
  for (const [, target = ""] of text.matchAll(SIDE_EFFECT)) add(target, "value");
  for (const [, target = ""] of text.matchAll(DYNAMIC)) if (target.startsWith(".")) add(target, "value");
  for (const [, target = ""] of text.matchAll(/\bimport\s*\(\s*["']([^."'][^"']*)["']/g))
    add(target, "value");
  return edges;
}

function allTypes(names: string): boolean {
  const inner = /^\{([^}]*)\}$/.exec(names.trim())?.[1];
  const parts = inner
    ?.split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  return parts !== undefined && parts.length > 0 && parts.every((name) => name.startsWith("type "));
}

function edgeOf(from: string, target: string, kind: ImportEdge["kind"]): ImportEdge {
  if (!target.startsWith(".")) {
    const parts = target.split("/");
    const name = target.startsWith("@") ? parts.slice(0, 2).join("/") : (parts[0] ?? target);
    return { from, to: name, kind, external: true };
  }
  return { from, to: posix.join(posix.dirname(from), target), kind, external: false };
}
