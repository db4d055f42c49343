import type { JsonDetail } from "./detail.ts";
/**
 * Reads JSON from outside piece by piece. Whatever does not fit is told to `bad` with its place ("caches.x.frames"),
 * which throws the problem of the file's kind.
 */
export interface Json {
  readonly value: unknown;
  /** "" at the top. */
  readonly place: string;
  readonly bad: (what: JsonDetail) => never;
}

/** The parsed text. Syntax errors go to `bad` without a place. */
export function parseJson(text: string, bad: (what: JsonDetail) => never): Json {
  try {
    return { value: JSON.parse(text), place: "", bad };
  } catch {
    return bad({ code: "notJson" });
  }
}

/** Members of an object, in the order of the file. */
export function members(json: Json): Map<string, Json> {
  const { value, place, bad } = json;
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return bad({ code: "objectExpected", place });
  const prefix = place === "" ? "" : `${place}.`;
  return new Map(Object.entries(value).map(([key, v]) => [key, { value: v, place: `${prefix}${key}`, bad }]));
}

/** Members of an object whose keys are known; any other key is refused, so that a misspelt one is not lost. */
export function fields<K extends string>(json: Json, keys: readonly K[]): Map<K, Json> {
  const found = members(json);
  for (const [key, member] of found) {
    if (!keys.includes(key as K)) json.bad({ code: "unknownKey", place: member.place });
  }
  return found as Map<K, Json>;
}

export function items(json: Json): Json[] {
  const { value, place, bad } = json;
  if (!Array.isArray(value)) return bad({ code: "listExpected", place });
  return value.map((v, i) => ({ value: v, place: `${place}[${i}]`, bad }));
}

export function text(json: Json): string {
  return typeof json.value === "string" ? json.value : json.bad({ code: "textExpected", place: json.place });
}

export function finite(json: Json, least = Number.NEGATIVE_INFINITY): number {
  const { value, place } = json;
  if (typeof value === "number" && Number.isFinite(value) && value >= least) return value;
  return json.bad(
    least === Number.NEGATIVE_INFINITY
      ? { code: "numberExpected", place }
      : { code: "numberFromExpected", place, least },
  );
}

export function integer(json: Json, least: number): number {
  const { value } = json;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return value;
  return json.bad({ code: "wholeFromExpected", place: json.place, least });
}

export function truth(json: Json): boolean {
  return typeof json.value === "boolean"
    ? json.value
    : json.bad({ code: "truthExpected", place: json.place });
}

export function oneOf<T extends string | number>(json: Json, choices: readonly T[]): T {
  const choice = choices.find((c) => c === json.value);
  return choice ?? json.bad({ code: "choiceExpected", place: json.place, choices: choices.join(" | ") });
}
