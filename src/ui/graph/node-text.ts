import type { Shape } from "../../core/ir/graph.ts";
import { plainName } from "../../core/ir/scoped-name.ts";

/** "1×64×T"; unknown dimensions are "?", an unknown rank is "". */
export function shapeText(shape: Shape | undefined): string {
  return shape === undefined ? "" : shape.length === 0 ? "scalar" : shape.map((d) => d ?? "?").join("×");
}

/** Bytes in at most four characters and a unit: "96 B", "1.5 kB", "12 MB". */
export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let [value, unit] = [bytes, 0];
  while (value >= 1000 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1];
  return `${unit > 0 && value < 10 ? Number(value.toFixed(1)) : Math.round(value)} ${units[unit]}`;
}

/**
 * What a node's name adds to its op type: "/enc/conv1/Conv" → "enc/conv1". Empty when it adds nothing
 * ("Relu:x"), the whole name when it has no scopes ("Conv_12").
 */
export function shortLabel(name: string, op: string): string {
  if (name === "" || name.startsWith(`${op}:`)) return "";
  const parts = name.split("/").filter((p) => p !== "");
  const last = parts.at(-1) ?? "";
  if (parts.length === 1 && last === op) return "";
  const repeatsOp =
    parts.length > 1 &&
    (last === op || (last.startsWith(`${op}_`) && /^\d+$/.test(last.slice(op.length + 1))));
  return (repeatsOp ? parts.slice(0, -1) : parts).join("/");
}

/** A value's name without what every exporter adds: "/enc/Conv_output_0" → "enc/Conv". For pictures only. */
export function shortValueName(name: string): string {
  const plain = plainName(name);
  return plain.replace(/^\//, "").replace(/_output_0$/, "") || plain;
}

/** Text at most `width` px wide; what does not fit is taken from the middle, since both ends of a path tell. */
export function middleEllipsis(text: string, width: number, measure: (text: string) => number): string {
  if (measure(text) <= width) return text;
  const characters = [...text];
  let [fits, fails] = [0, characters.length];
  const cut = (kept: number) => {
    const head = Math.ceil(kept / 2);
    return `${characters.slice(0, head).join("")}…${characters.slice(characters.length - (kept - head)).join("")}`;
  };
  while (fails - fits > 1) {
    const middle = (fits + fails) >> 1;
    if (measure(cut(middle)) <= width) fits = middle;
    else fails = middle;
  }
  return cut(fits);
}
