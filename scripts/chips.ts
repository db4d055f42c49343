import { StudioError } from "../src/core/base/problem.ts";
import { targetById } from "../src/core/targets/catalogue.ts";
import type { EspdlTarget } from "../src/core/targets/target.ts";
import { createRuntime } from "../src/runtime/ort.ts";
import { type HeldBack, heldBackSqnr } from "../test/held-back.ts";
import { type ChipSubject, refusalsOf, subjectSources } from "./chips/subjects.ts";

/*
 * SQNR at the outputs on data held back, Rill's choice of exponents beside ESP-PPQ's: `npm run chips [-- OPTION… NAME…]`. A name
 * selects models by a part of theirs; --bits 8 | 16 and --chip ID select rows; --work N bounds the search.
 */
const METHODS = ["kl", "minmax"] as const;
/** Chips of one family compute alike; the plain ESP32 is for small models. */
const CHIPS = ["esp32-s3", "esp32-p4", "esp32"];
const SMALL_BYTES = 100_000;
/** So much below is a difference of the last digit printed. */
const EQUAL_DB = 0.005;
/** So few numbers at the outputs cannot tell two choices apart: their error is one draw. */
const FEW_NUMBERS = 256;

interface Options {
  readonly names: readonly string[];
  readonly bits: readonly (8 | 16)[];
  readonly chips: readonly string[];
  readonly work: number | undefined;
}

function optionsOf(given: readonly string[]): Options {
  const values = (flag: string): string[] => given.flatMap((a, i) => (given[i - 1] === flag ? [a] : []));
  const [bits, chips] = [values("--bits"), values("--chip")];
  const [work] = values("--work");
  return {
    names: given.filter((a, i) => !a.startsWith("--") && !given[i - 1]?.startsWith("--")),
    bits: ([8, 16] as const).filter((b) => bits.length === 0 || bits.includes(`${b}`)),
    chips: CHIPS.filter((c) => chips.length === 0 || chips.includes(c)),
    work: work === undefined ? undefined : Number(work),
  };
}

const runtime = createRuntime();
const counts = { rows: 0, behind: 0, few: 0, refused: 0 };

function print(name: string, chip: string, bits: string, rest: string): void {
  console.log(`${name.padEnd(52)} ${chip.padEnd(8)} ${bits.padStart(2)} ${rest}`);
}

function printRow(row: readonly [string, string, string], { rillDb, compatibleDb, ...told }: HeldBack): void {
  const theirs = METHODS.map((m) => compatibleDb[m] ?? Number.NaN);
  const known = theirs.filter((db) => !Number.isNaN(db));
  const gain = known.length === 0 ? Number.NaN : rillDb - Math.max(...known);
  const few = told.numbers < FEW_NUMBERS;
  const cell = (x: number): string => (Number.isNaN(x) ? "no kernel" : x.toFixed(2)).padStart(9);
  const behind = gain < -EQUAL_DB;
  const mark = behind ? (few ? " behind, few numbers" : " behind") : "";
  print(
    ...row,
    `${[rillDb, ...theirs, gain].map(cell).join(" ")} ${told.seconds.toFixed(1).padStart(7)}${mark}`,
  );
  counts.rows++;
  if (behind) counts.behind++;
  if (behind && few) counts.few++;
}

async function measure(subject: ChipSubject, target: EspdlTarget, bits: 8 | 16, work: number | undefined) {
  const row = [subject.name, target.id, `${bits}`] as const;
  try {
    const refusals = refusalsOf(subject.model, target, bits);
    if (refusals.length > 0) {
      counts.refused++;
      return print(...row, `refused: ${refusals.join(", ")}`);
    }
    const budget = work === undefined ? {} : { work };
    printRow(row, await heldBackSqnr({ ...subject, target, bits, methods: METHODS, ...budget }, runtime));
  } catch (error) {
    counts.refused++;
    const said = error instanceof StudioError ? JSON.stringify(error.problem) : `bug: ${error}`;
    print(...row, `refused: ${said}`);
  }
}

const { names, bits, chips, work } = optionsOf(process.argv.slice(2));
print("model", "chip", "", "bits     Rill        KL   min-max      gain  seconds");
for (const source of subjectSources()) {
  if (names.length > 0 && !names.some((n) => source.name.includes(n))) continue;
  try {
    const subject = await source.open(runtime);
    const bytes = [...subject.model.graph.initializers.values()].reduce((n, t) => n + t.bytes.length, 0);
    console.log(`${subject.name}: ${subject.samples.length} samples, ${subject.said}`);
    for (const chip of chips) {
      const target = targetById(chip);
      if (target.exporter !== "espdl" || (chip === "esp32" && bytes > SMALL_BYTES)) continue;
      for (const width of bits) await measure(subject, target, width, work);
    }
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    counts.refused++;
    print(source.name, "", "", `not opened: ${error.problem.code}`);
  }
}
console.log(
  `${counts.rows} rows, Rill behind in ${counts.behind} (${counts.few} of them on fewer than ${FEW_NUMBERS} numbers); ${counts.refused} refused`,
);
