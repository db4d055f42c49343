import { parseArgs } from "node:util";
import { fail } from "../core/base/problem.ts";

/** What an option takes: nothing, one value, several (repeated), or every word up to the next option. */
export type OptionKind = "flag" | "value" | "values" | "list";

export interface Arguments {
  readonly positionals: readonly string[];
  flag(name: string): boolean;
  value(name: string): string | undefined;
  /** Values of a repeated option or a list, in order. */
  values(name: string): readonly string[];
}

/**
 * The words of a command line against the options that the command knows. Throws `cli.usage` for an unknown option or a
 * missing value. "-o" is short for "--output".
 */
export function readArguments(
  words: readonly string[],
  kinds: Readonly<Record<string, OptionKind>>,
): Arguments {
  const { tokens } = parseArgs({
    args: [...words],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      Object.entries(kinds).map(([name, kind]) => [
        name,
        {
          type: kind === "flag" ? ("boolean" as const) : ("string" as const),
          multiple: kind === "values" || kind === "list",
          ...(name === "output" ? { short: "o" } : {}),
        },
      ]),
    ),
  });
  const found = new Map<string, string[]>();
  const positionals: string[] = [];
  let list: string[] | undefined;
  for (const token of tokens) {
    if (token.kind === "positional") (list ?? positionals).push(token.value);
    else if (token.kind === "option") {
      const values = add(found, token, kinds);
      list = kinds[token.name] === "list" ? values : undefined;
    } else list = undefined;
  }
  return {
    positionals,
    flag: (name) => found.has(name),
    value: (name) => found.get(name)?.[0],
    values: (name) => found.get(name) ?? [],
  };
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value: string | undefined;
  readonly inlineValue: boolean | undefined;
}

function add(
  found: Map<string, string[]>,
  { name, rawName, value, inlineValue }: OptionToken,
  kinds: Readonly<Record<string, OptionKind>>,
): string[] {
  const kind = kinds[name] ?? fail({ code: "cli.usage", what: `unknown option ${rawName}` });
  const values = found.get(name) ?? [];
  found.set(name, values);
  if (kind === "flag") {
    if (value !== undefined) fail({ code: "cli.usage", what: `${rawName} takes no value` });
    return values;
  }
  // A word that starts with "-" after an option is the next option, unless it was written with "=".
  if (value === undefined || (!inlineValue && value.length > 1 && value.startsWith("-"))) {
    fail({ code: "cli.usage", what: `${rawName} needs a value` });
  }
  if (kind === "value" && values.length > 0) fail({ code: "cli.usage", what: `${rawName} is given twice` });
  // "-o=FILE" is written like "--output=FILE".
  values.push(inlineValue && !rawName.startsWith("--") ? value.replace(/^=/, "") : value);
  return values;
}

/** The only positional of a command. Throws `cli.usage` if there is none or more than one. */
export function onlyPositional({ positionals }: Arguments, name: string): string {
  const [first, second] = positionals;
  if (first === undefined) return fail({ code: "cli.usage", what: `${name} is missing` });
  if (second !== undefined) fail({ code: "cli.usage", what: `unexpected word ${second}` });
  return first;
}

/** A whole number of at least 1. Throws `cli.usage`. */
export function countOf(text: string, name: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count) || count < 1) {
    fail({ code: "cli.usage", what: `${name} needs a whole number of at least 1, not ${text}` });
  }
  return count;
}

/** Value of `-o`. Throws `cli.usage` if it is missing. */
export function outputOf(args: Arguments, name: string): string {
  return args.value("output") ?? fail({ code: "cli.usage", what: `-o ${name} is missing` });
}
