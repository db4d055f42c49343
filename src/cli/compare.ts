import { fail } from "../core/base/problem.ts";
import {
  compareQuantized,
  type Difference,
  FLOAT_TOLERANCE,
  type KindCount,
  type QuantizedComparison,
} from "../core/quant/compare-quantized.ts";
import type { QuantizedModel } from "../core/quant/quantized-model.ts";
import { quantizedNumbers } from "../engine/quantized/quantized-file.ts";
import { readArguments } from "./arguments.ts";
import { readModel } from "./read-model.ts";
import { columns, EXIT, printJson, type Terminal } from "./terminal.ts";

/** Differences and lonely names that are printed of each kind; `--json` has all. */
const MOST_LINES = 20;

/** `rill compare`: two quantized files, value by value. */
export async function compare(words: readonly string[], terminal: Terminal): Promise<number> {
  const args = readArguments(words, { json: "flag" });
  const [first, second, third] = args.positionals;
  if (first === undefined || second === undefined) {
    return fail({ code: "cli.usage", what: `${first === undefined ? "A" : "B"} is missing` });
  }
  if (third !== undefined) fail({ code: "cli.usage", what: `unexpected word ${third}` });
  const files = [first, second].map((path) => {
    const opened = readModel(path);
    return { name: opened.name, sha256: opened.sha256, numbers: quantizedNumbers(opened) };
  });
  const [a, b] = files;
  if (!a || !b) throw new Error("two files were read");
  const found = compareQuantized(a.numbers, b.numbers);
  if (args.flag("json")) {
    const [fileA, fileB] = files.map(({ name, sha256, numbers }) => ({ name, sha256, form: numbers.form }));
    printJson(terminal, { verdict: verdictOf(found), a: fileA, b: fileB, ...found });
  } else terminal.out(asText(a, b, found));
  return found.equal ? EXIT.verified : EXIT.notVerified;
}

interface NamedNumbers {
  readonly name: string;
  readonly numbers: QuantizedModel;
}

function noneText(count: number): string {
  return count === 0 ? "none" : "not compared: one file has none";
}

function verdictOf({ equal }: QuantizedComparison): string {
  return equal ? "equal" : "different";
}

function asText(a: NamedNumbers, b: NamedNumbers, found: QuantizedComparison): string {
  const head = [a, b].map(({ name, numbers }, i) => [i === 0 ? "A" : "B", name, numbers.form]);
  const rows = found.kinds.map(({ kind, compared, equal, close, onlyA, onlyB, absent }) => [
    kind,
    absent
      ? noneText(compared + onlyA.length + onlyB.length)
      : `${equal} of ${compared} equal${close > 0 ? `, ${close} as floats within ${FLOAT_TOLERANCE}` : ""}`,
    onlyA.length > 0 ? `${onlyA.length} only in A` : "",
    onlyB.length > 0 ? `${onlyB.length} only in B` : "",
  ]);
  return [
    columns(head),
    columns(rows),
    differencesText(found.differences),
    ...found.kinds.filter((k) => !k.absent).map(lonelyText),
    portsText(a.numbers, b.numbers),
    `${verdictOf(found)}\n`,
  ].join("");
}

function differencesText(differences: readonly Difference[]): string {
  if (differences.length === 0) return "";
  const rows = differences.slice(0, MOST_LINES).map((d) => [d.kind, d.name, ...differenceCells(d)]);
  return `\nDifferent\n${columns(rows)}${more(differences.length)}`;
}

function differenceCells(d: Difference): string[] {
  if (d.what === "integers") {
    return [
      `${d.count} of ${d.of} integers`,
      `at most ${d.maxDistance} apart`,
      `[${d.first}] ${d.a} | ${d.b}`,
    ];
  }
  const text = d.what === "scale" ? scalesText : (list: readonly number[]) => `[${list.join(", ")}]`;
  return [d.what, ...(d.what === "dtype" ? [d.a, d.b] : [text(d.a), text(d.b)])];
}

/** Powers of two as such; of per-channel scales the first few. */
function scalesText(scales: readonly number[]): string {
  const shown = scales.slice(0, 4).map((scale) => {
    const exponent = Math.round(Math.log2(scale));
    return 2 ** exponent === scale ? `2^${exponent}` : String(scale);
  });
  return scales.length > 4 ? `${shown.join(" ")} … (${scales.length})` : shown.join(" ");
}

function lonelyText({ kind, onlyA, onlyB }: KindCount): string {
  const list = (side: string, names: readonly string[]) =>
    names.length === 0
      ? ""
      : `\nOnly in ${side}: ${kind}\n${columns(names.slice(0, MOST_LINES).map((name) => [name]))}${more(names.length)}`;
  return list("A", onlyA) + list("B", onlyB);
}

function portsText(a: QuantizedModel, b: QuantizedModel): string {
  const text = (m: QuantizedModel) =>
    `${[...m.inputs].sort().join(", ")} → ${[...m.outputs].sort().join(", ")}`;
  return text(a) === text(b)
    ? ""
    : `\nPorts\n${columns([
        ["A", text(a)],
        ["B", text(b)],
      ])}`;
}

function more(count: number): string {
  return count > MOST_LINES ? `  … ${count - MOST_LINES} more (--json has all)\n` : "";
}
