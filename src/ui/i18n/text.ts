import type { Problem } from "../../core/base/problem.ts";
import { explainParts } from "../../explain/explain.ts";
import type { Language } from "../../state/view.ts";
import { en, type MessageKey, zhCN } from "./messages.ts";
import { opDocsZh } from "./op-docs.ts";

export type Params = Readonly<Record<string, string | number>>;

/** Everything on the screen that depends on the language. A number and its unit stay on one line. */
export interface Text {
  readonly language: Language;
  t(key: MessageKey, params?: Params): string;
  problem(problem: Problem): { readonly what: string; readonly advice: string };
  /** 12,345 */
  count(n: number): string;
  /** 1.2 MB, in powers of 1,000. */
  bytes(n: number): string;
  /** 1:05 or 3.2 s. */
  duration(seconds: number): string;
  /** 0.4 % */
  percent(fraction: number): string;
  /** Words one after another: a, b or 甲、乙. */
  list(words: readonly string[]): string;
  /** Sentences one after another, those that are not empty. */
  sentences(sentences: readonly string[]): string;
  /** What an ONNX operator does; `english` is its line in the catalogue. */
  opDoc(op: string, english: string): string;
}

const MESSAGES: Readonly<Record<Language, Readonly<Record<MessageKey, string>>>> = { en, "zh-CN": zhCN };

/** The texts of one language. Decimal points are points in both. */
export function createText(language: Language): Text {
  const messages = MESSAGES[language];
  const plain = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
  return {
    language,
    t: (key, params = {}) => filled(messages[key], params),
    problem: (problem) => explainParts(problem, language),
    count: (n) => plain.format(n),
    bytes,
    duration,
    list: (words) => words.join(language === "en" ? ", " : "、"),
    sentences: (sentences) => sentences.filter((s) => s !== "").join(language === "en" ? " " : ""),
    opDoc: (op, english) => (language === "en" ? english : (opDocsZh[op] ?? english)),
    percent: (fraction) =>
      `${fraction > 0 && fraction < 0.001 ? "<0.1" : (fraction * 100).toFixed(1)}\u00a0%`,
  };
}

const PLURAL = /\{(\w+), plural, one \{([^{}]*)\} other \{([^{}]*)\}\}/g;
const PLACE = /\{(\w+)\}/g;

/** `{name}` becomes the value; `{n, plural, one {…} other {…}}` chooses by n. */
export function filled(template: string, params: Params): string {
  if (!template.includes("{")) return template;
  return template
    .replace(PLURAL, (_, key: string, one: string, other: string) =>
      Number(params[key]) === 1 ? one : other,
    )
    .replace(PLACE, (whole, key: string) => String(params[key] ?? whole));
}

function bytes(n: number): string {
  if (n < 1000) return `${n}\u00a0B`;
  const units = ["kB", "MB", "GB"];
  let value = n / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0)}\u00a0${units[unit]}`;
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)}\u00a0s`;
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
