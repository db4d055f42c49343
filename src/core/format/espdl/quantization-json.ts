import {
  finite,
  integer,
  items,
  type Json,
  members,
  parseJson,
  text as textOf,
  truth,
} from "../../base/json-reader.ts";
import { fail } from "../../base/problem.ts";
import type { ValueName } from "../../ir/graph.ts";

/** Flags of ESP-PPQ's quantization policy, in the order of its file. */
const POLICY = [
  "PER_TENSOR",
  "PER_CHANNEL",
  "LINEAR",
  "FLOATING",
  "SYMMETRICAL",
  "ASYMMETRICAL",
  "POWER_OF_2",
  "DYNAMIC",
] as const;
type PolicyFlag = (typeof POLICY)[number];

/** How ESP-PPQ quantized one tensor of one operator. */
export interface TensorQuantization {
  readonly bits: number;
  readonly policy: ReadonlySet<PolicyFlag>;
  /** ACTIVATED, OVERLAPPED (follows `dominator`), PASSIVE (derived, as a bias), FP32 (not quantized), … */
  readonly state: string;
  readonly quantMin: bigint;
  readonly quantMax: bigint;
  /** Number of this setting, and of the one whose scale it takes: the same where it has its own. */
  readonly hash: number;
  readonly dominator: number;
  /** Scales and zero points of the dominator: one, or one per channel. Absent where nothing is quantized. */
  readonly scales?: readonly number[];
  readonly zeroPoints?: readonly number[];
  /** Whether the file gives a list, be it of one. */
  readonly listed?: boolean;
}

/** One operator: where it was dispatched (such as ESPDL_S3_INT8) and the settings of the tensors it touches. */
export interface OperatorQuantization {
  readonly platform: string;
  /** Absent for operators that ESP-PPQ leaves alone. */
  readonly tensors?: ReadonlyMap<ValueName, TensorQuantization>;
}

/** The `.json` that ESP-PPQ writes beside an `.espdl` file, by operator name, in the order of the graph. */
export type QuantizationRecord = ReadonlyMap<string, OperatorQuantization>;

interface Scales {
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  readonly listed: boolean;
}

/**
 * Reads ESP-PPQ's quantization record. Names that are whole numbers come first, whatever their place in the file.
 * Throws `quantization.malformed` with the place.
 */
export function parseQuantizationJson(text: string, file = ""): QuantizationRecord {
  const json = parseJson(text, (what) => fail({ code: "quantization.malformed", file, what }));
  const top = members(json);
  const part = (key: string): Map<string, Json> =>
    members(top.get(key) ?? json.bad({ code: "missing", place: key }));
  const values = new Map<string, Scales>();
  for (const [hash, value] of part("values")) values.set(hash, readScales(value));
  const configs = part("configs");
  const record = new Map<string, OperatorQuantization>();
  for (const [name, platform] of part("dispatchings")) {
    const config = configs.get(name);
    const tensors = new Map<ValueName, TensorQuantization>();
    for (const [tensor, entry] of config ? members(config) : [])
      tensors.set(tensor, readTensor(entry, values));
    record.set(name, { platform: textOf(platform), ...(config && { tensors }) });
  }
  return record;
}

function readTensor(json: Json, values: ReadonlyMap<string, Scales>): TensorQuantization {
  const entry = members(json);
  const member = (key: string): Json =>
    entry.get(key) ?? json.bad({ code: "missing", place: `${json.place}.${key}` });
  const policy = members(member("policy"));
  const dominator = integer(member("dominator"), Number.MIN_SAFE_INTEGER);
  return {
    bits: integer(member("bit_width"), 1),
    policy: new Set(
      POLICY.filter((flag) => {
        const set = policy.get(flag);
        return set !== undefined && truth(set);
      }),
    ),
    state: textOf(member("state")),
    quantMin: wide(member("quant_min")),
    quantMax: wide(member("quant_max")),
    hash: integer(member("hash"), Number.MIN_SAFE_INTEGER),
    dominator,
    ...values.get(String(dominator)),
  };
}

function readScales(json: Json): Scales {
  const entry = members(json);
  const list = (key: string): readonly number[] => {
    const value = entry.get(key) ?? json.bad({ code: "missing", place: `${json.place}.${key}` });
    return Array.isArray(value.value) ? items(value).map((v) => finite(v)) : [finite(value)];
  };
  return {
    scales: list("scale"),
    zeroPoints: list("zero_point"),
    listed: Array.isArray(entry.get("scale")?.value),
  };
}

/** Bounds of 64-bit integers are no safe numbers: the largest reads as 2^63. */
function wide(json: Json): bigint {
  const value = finite(json);
  if (!Number.isInteger(value)) return json.bad({ code: "wholeExpected", place: json.place });
  const most = 2n ** 63n - 1n;
  const exact = BigInt(value);
  return exact > most ? most : exact;
}

/** Writes the record as ESP-PPQ does, byte for byte. */
export function printQuantizationJson(record: QuantizationRecord): string {
  const configs: [string, PythonJson][] = [];
  const dispatchings: [string, PythonJson][] = [];
  const values = new Map<string, PythonJson>();
  for (const [name, { platform, tensors }] of record) {
    dispatchings.push([name, platform]);
    if (!tensors) continue;
    configs.push([name, new Map([...tensors].map(([tensor, entry]) => [tensor, printTensor(entry)]))]);
    for (const { hash, dominator, state, ...own } of tensors.values()) {
      if (hash === dominator && state !== "FP32") values.set(String(hash), printScales(own));
    }
  }
  const top = new Map<string, PythonJson>([
    ["configs", new Map(configs)],
    ["dispatchings", new Map(dispatchings)],
    ["values", values],
  ]);
  return pythonJson(top, "");
}

function printTensor(entry: TensorQuantization): PythonJson {
  return new Map<string, PythonJson>([
    ["bit_width", BigInt(entry.bits)],
    ["policy", new Map(POLICY.map((flag) => [flag, entry.policy.has(flag)]))],
    ["state", entry.state],
    ["quant_min", entry.quantMin],
    ["quant_max", entry.quantMax],
    ["hash", BigInt(entry.hash)],
    ["dominator", BigInt(entry.dominator)],
  ]);
}

function printScales(entry: Partial<Scales>): PythonJson {
  const { scales = [], zeroPoints = [], listed = scales.length > 1 } = entry;
  const list = (numbers: readonly number[]): PythonJson => (listed ? numbers : (numbers[0] ?? 0));
  return new Map([
    ["scale", list(scales)],
    ["zero_point", list(zeroPoints)],
  ]);
}

/** What Python's json.dump(…, indent=4) writes: a number is a float, a bigint an int. */
type PythonJson = string | boolean | number | bigint | readonly number[] | ReadonlyMap<string, PythonJson>;

function pythonJson(value: PythonJson, indent: string): string {
  if (typeof value === "string") return asciiText(value);
  if (typeof value === "number") return pythonFloat(value);
  if (typeof value !== "object") return String(value);
  const inner = `${indent}    `;
  const block = (open: string, lines: readonly string[], close: string): string =>
    lines.length === 0
      ? open + close
      : `${open}\n${lines.map((l) => inner + l).join(",\n")}\n${indent}${close}`;
  if (isMap(value)) {
    return block(
      "{",
      [...value].map(([key, v]) => `${asciiText(key)}: ${pythonJson(v, inner)}`),
      "}",
    );
  }
  return block("[", value.map(pythonFloat), "]");
}

function isMap(value: object): value is ReadonlyMap<string, PythonJson> {
  return value instanceof Map;
}

/** Python escapes everything beyond ASCII. */
function asciiText(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** Shortest digits as in JavaScript, but an exponent below 10^-4, of at least two digits, and always a point. */
function pythonFloat(value: number): string {
  if (value !== 0 && (Math.abs(value) < 1e-4 || Math.abs(value) >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
