import type { Shape } from "../../core/ir/graph.ts";
import type { DType } from "../../core/ir/tensor.ts";
import type { ModelSummary } from "../../engine/reports.ts";
import { allNodes } from "../../state/select/all-nodes.ts";
import type { GraphMarks } from "./graph-marks.ts";
import { type Stop, stopsOf } from "./stops.ts";

/** What of a stop is looked at, besides what the model says of it. */
interface Around {
  readonly marks: GraphMarks;
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly types: ReadonlyMap<string, DType>;
  /** By position of the stop. */
  readonly texts: readonly string[];
}

type Test = (stop: Stop, index: number, around: Around) => boolean;

type Types = Pick<Around, "shapes" | "types">;

const known = new WeakMap<ModelSummary, Types>();
const knownTexts = new WeakMap<ModelSummary, readonly string[]>();

/**
 * Positions in `stopsOf(summary)` that fit all words of a query: `op:conv`, `shape:1x64x*`, `dtype:int8`, `attr:group` or
 * `attr:group=2`, `#12` (the position, from 1), `err>0.1` (largest relative error of the last comparison), `marked` (cache, split,
 * refused or approximate), and anything else as a part of the op, its name or its values. Case does not matter.
 */
export function searchStops(summary: ModelSummary, marks: GraphMarks, query: string): readonly number[] {
  const stops = stopsOf(summary);
  const tests = query
    .trim()
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "")
    .map(testOf);
  if (tests.length === 0) return stops.map((_, v) => v);
  const around = { marks, ...typesOf(summary), texts: textsOf(summary) };
  const found: number[] = [];
  for (const [v, stop] of stops.entries()) if (tests.every((test) => test(stop, v, around))) found.push(v);
  return found;
}

/** Makes what a search looks in, so that the first letter of a question waits no longer than the second. */
export function prepareSearch(summary: ModelSummary): void {
  typesOf(summary);
  textsOf(summary);
}

/** Texts of all stops, made when first searched. */
function textsOf(summary: ModelSummary): readonly string[] {
  const found = knownTexts.get(summary) ?? stopsOf(summary).map(textOf);
  knownTexts.set(summary, found);
  return found;
}

/** Shapes and element types of everything that has a name, found once per model. */
export function typesOf(summary: ModelSummary): Types {
  const found = known.get(summary);
  if (found) return found;
  const { initializers, values } = allNodes(summary);
  const types = { shapes: new Map<string, Shape>(), types: new Map<string, DType>() };
  for (const list of [initializers, values, summary.inputs, summary.outputs]) {
    for (const { name, shape, dtype } of list) {
      if (shape) types.shapes.set(name, shape);
      if (dtype) types.types.set(name, dtype);
    }
  }
  known.set(summary, types);
  return types;
}

function testOf(word: string): Test {
  const [, key, rest = ""] = /^(op|shape|dtype|attr):(.+)$/.exec(word) ?? [];
  if (key === "op") return (stop) => stop.kind === "op" && stop.title.toLowerCase().includes(rest);
  if (key === "shape") return shapeTest(rest);
  if (key === "dtype") return (stop, _, { types }) => valuesOf(stop).some((v) => types.get(v) === rest);
  if (key === "attr") return attributeTest(rest);
  const [, position] = /^#(\d+)$/.exec(word) ?? [];
  if (position !== undefined) return (_, index) => index + 1 === Number(position);
  const [, limit] = /^err>(\d*\.?\d+)$/.exec(word) ?? [];
  if (limit !== undefined) return (stop, _, { marks }) => (marks.errors?.get(stop.id) ?? 0) > Number(limit);
  if (word === "marked") return (stop, _, { marks }) => isMarked(stop, marks);
  return (_, index, { texts }) => texts[index]?.includes(word) ?? false;
}

/** What a plain word is looked for in, in small letters and a line each, so that no word is found across two of them. */
function textOf({ title, label, value, node }: Stop): string {
  return [title, label, value, ...(node?.inputs ?? [])].join("\n").toLowerCase();
}

/** Everything that an op reads and makes; a port's own value. */
function valuesOf(stop: Stop): readonly string[] {
  return stop.node ? [...stop.node.outputs, ...stop.node.inputs] : [stop.value];
}

/** "1x64x*": a dimension each, * for any. */
function shapeTest(pattern: string): Test {
  const dims = pattern.split(/[x×,]/);
  return (stop, _, { shapes }) =>
    valuesOf(stop).some((value) => {
      const shape = shapes.get(value);
      if (shape?.length !== dims.length) return false;
      return dims.every((d, i) => d === "*" || d === `${shape[i] ?? "?"}`.toLowerCase());
    });
}

function attributeTest(text: string): Test {
  const [name = "", value] = text.split("=");
  return (stop) =>
    Object.entries(stop.node?.attributes ?? {}).some(
      ([n, v]) =>
        (value === undefined ? n.toLowerCase().includes(name) : n.toLowerCase() === name) &&
        (value === undefined || v.toLowerCase().includes(value)),
    );
}

function isMarked({ id, value, kind }: Stop, marks: GraphMarks): boolean {
  const cache = marks.caches.get(value);
  const kept = cache !== undefined && cache.state !== "removed";
  if (kept || marks.splits.has(value)) return true;
  return kind === "op" && (marks.refused.has(id) || marks.approximate.has(id));
}

/** Of positions in ascending order the next (+1) or previous (−1) one from `at`, round the ends; −1 is before the first. */
export function nextFound(found: readonly number[], at: number, step: 1 | -1): number | undefined {
  if (step > 0) return found.find((v) => v > at) ?? found[0];
  return found.findLast((v) => v < at) ?? found.at(-1);
}
