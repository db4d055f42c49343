import type { Detail } from "../core/base/detail.ts";
import type { Problem } from "../core/base/problem.ts";
import type { ExplainCatalogue, ExplainLanguage } from "./catalogue.ts";
import { en } from "./en.ts";
import { zhCN } from "./zh-cn.ts";

const CATALOGUES: Readonly<Record<ExplainLanguage, ExplainCatalogue>> = { en, "zh-CN": zhCN };

/** The problem in one or two sentences: what happened and where, then what to do. The same on the page and on the terminal. */
export function explain(problem: Problem, language: ExplainLanguage): string {
  const { what, advice } = explainParts(problem, language);
  return advice === "" ? what : `${what}${CATALOGUES[language].gap}${advice}`;
}

/** The two parts of the explanation; `advice` is empty when there is nothing to do. */
export function explainParts(
  problem: Problem,
  language: ExplainLanguage,
): { readonly what: string; readonly advice: string } {
  const catalogue = CATALOGUES[language];
  const { what, advice = "" } = catalogue.problems[problem.code];
  const values = valuesOf(problem, catalogue);
  const offered = problem.code === "stream.refused" ? offersText(problem.offers ?? [], catalogue) : "";
  const then = filled(advice, values, catalogue);
  return {
    what: filled(what, values, catalogue),
    advice: offered === "" ? then : `${offered}${catalogue.gap}${then}`,
  };
}

/** What an approximation does, from its word ("window:100"). */
export function explainApproximation(word: string, language: ExplainLanguage): string {
  return approximationText(word, CATALOGUES[language]);
}

function approximationText(word: string, { approximations }: ExplainCatalogue): string {
  const [kind = "", numbers = ""] = word.split(":");
  const template = Object.entries(approximations).find(([k]) => k === kind)?.[1] ?? word;
  const values = numbers.split(",");
  return template.replace(/\{(\d)\}/g, (_, i: string) => values[Number(i)] ?? "");
}

function offersText(offers: readonly string[], c: ExplainCatalogue): string {
  if (offers.length === 0) return "";
  const list = offers.map((word) => approximationText(word, c)).join(c.separator);
  return c.offered.replace("{list}", list);
}

type Values = Readonly<Record<string, Detail | string | number | readonly (string | number)[] | undefined>>;

/** What the placeholders of a problem's sentence stand for. */
function valuesOf(problem: Problem, c: ExplainCatalogue): Values {
  switch (problem.code) {
    case "file.foreign":
      return { ...problem, kind: c.foreign[problem.kind].what, advice: c.foreign[problem.kind].advice };
    case "file.tooBig":
      return { ...problem, files: size(problem.fileBytes, c), limit: size(problem.limitBytes, c) };
    case "model.malformed":
      return { ...problem, model: problem.file === undefined ? c.model : `“${problem.file}”` };
    case "audio.quiet":
      return { ...problem, peakDb: Math.round(-problem.peakDb) };
    case "audio.resampled":
      return { ...problem, rate: problem.rateHz / 1000, needRate: problem.needRateHz / 1000 };
    case "stream.axisInvalid":
      return { ...problem, lastAxis: problem.rank - 1 };
    case "stream.refused":
      return {
        ...problem,
        reason: c.refusals[problem.reason],
        advice: c.remedies[problem.reason],
        detail: problem.detail === undefined ? "" : filled(c.bracketed, { detail: problem.detail }, c),
      };
    case "plan.approximationUnused":
      return { ...problem, approximation: approximationText(problem.approximation, c) };
    case "target.noKernel":
      return { ...problem, reason: c.kernels[problem.reason] };
    case "plan.budgetUnused":
      return { ...problem, why: c.budgets[problem.why] };
    case "quant.exponentRaised":
      return { ...problem, reason: c.raises[problem.reason] };
    case "stream.probeDisagrees":
      return { ...problem, fact: c.probed[problem.fact] };
    case "file.unused":
      return { ...problem, files: firstOf(problem.files) };
    case "plan.otherModel":
      return { expected: problem.expected.slice(0, 12), actual: problem.actual.slice(0, 12) };
    case "session.otherModel":
      return {
        ...problem,
        expected: problem.expected.slice(0, 12),
        actual: problem.actual.slice(0, 12),
      };
    case "worker.lost":
      return {
        reason: Object.entries(c.losses).find(([loss]) => loss === problem.reason)?.[1] ?? problem.reason,
      };
    case "worker.restarted":
      return { job: c.jobs[problem.job] };
    case "memory.exhausted":
      return {
        needed: size(problem.needBytes, c),
        files: size(problem.fileBytes, c),
        limit: size(problem.limitBytes, c),
      };
    case "storage.full":
      return { needed: size(problem.needBytes, c), free: size(problem.freeBytes, c) };
    case "plan.unknownValue":
      return { ...problem, mark: c.marks[problem.mark] };
    case "plan.cutImpossible":
      return { ...problem, why: c.cuts[problem.why] };
    case "npy.shape":
      return { ...problem, shape: `[${problem.shape.join(", ")}]` };
    case "package.mismatch":
      return {
        ...problem,
        maxAbs: problem.maxAbs.toPrecision(3),
        tolerance: problem.tolerance.toPrecision(3),
      };
    default:
      return problem;
  }
}

/** So many names are told in a sentence. */
const MOST_NAMES = 5;

/** A dropped folder may hold thousands. */
function firstOf(names: readonly string[]): readonly string[] {
  return names.length > MOST_NAMES ? [...names.slice(0, MOST_NAMES), `… (${names.length})`] : names;
}

/** 12.3 MB, in powers of 1,000. */
function size(bytes: number, c: ExplainCatalogue): string {
  if (bytes <= 0) return c.unknownSize;
  const power = Math.min(3, Math.floor((String(Math.round(bytes)).length - 1) / 3));
  const value = bytes / 1000 ** power;
  return `${value.toFixed(power > 0 && value < 100 ? 1 : 0)}\u00a0${["B", "kB", "MB", "GB"][power]}`;
}

/** A detail in words. */
function detailText(detail: Detail, c: ExplainCatalogue): string {
  // A name that is not known leaves a gap at the end.
  return filled(c.details[detail.code], detailValues(detail, c), c).trim();
}

function detailValues(detail: Detail, c: ExplainCatalogue): Values {
  if (detail.code === "shape") {
    const dims = detail.dims.map((d) => d ?? c.frames);
    return { dims: (detail.several ? [c.samples, ...dims] : dims).join(", ") };
  }
  if ("place" in detail) return { ...detail, place: detail.place === "" ? c.top : detail.place };
  return detail;
}

function filled(template: string, values: Values, c: ExplainCatalogue): string {
  return template.replace(/\{(\w+)\}/g, (_, key: string) => {
    const value = values[key];
    if (value === undefined) return c.nothing;
    if (typeof value === "object" && "code" in value) return detailText(value, c);
    if (typeof value === "object") return value.join(c.separator) || c.nothing;
    // A text that ends its own sentence would double the full stop of ours.
    return String(value).replace(/[.\s]+$/, "");
  });
}
