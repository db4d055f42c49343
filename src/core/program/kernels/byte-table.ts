import { type Tensor, tensorOf } from "../../ir/tensor.ts";
import type { Rounding } from "../../quant/scheme.ts";
import { emptyOf, filled, type KernelContext, numbersOf, outputRecord } from "../kernel-context.ts";
import type { Kernel, ProgramTensor } from "../program.ts";

type Numbers = ReturnType<typeof numbersOf>;

/** What a table holds for. */
interface Key {
  readonly form: Kernel["form"];
  readonly from: ProgramTensor | undefined;
  readonly rounding: Rounding;
}

const ENTRIES = 256;
const TABLES = new WeakMap<ProgramTensor, { readonly key: Key; readonly table: Numbers }>();

/**
 * An elementwise kernel of one operand: saturate(f(x)) for every element. Of 8 bits there are 256 results: they are computed once, for
 * operands that have more elements than that.
 */
export function eachElement(context: KernelContext, operand: Tensor, f: (x: number) => number): Tensor {
  const data = numbersOf(operand);
  const record = outputRecord(context);
  if (!(data instanceof Int8Array)) return filled(record, data.length, (i) => f(data[i] as number));
  const table = knownTable(context);
  if (table) return tensorOf(lookUp(data, table), record.dims);
  if (data.length <= ENTRIES) return filled(record, data.length, (i) => f(data[i] as number));
  const made = numbersOf(filled({ ...record, dims: [ENTRIES] }, ENTRIES, (i) => f(i - 128)));
  const { form, rounding } = context;
  TABLES.set(record, { key: { form, from: context.inputRecords[0], rounding }, table: made });
  return tensorOf(lookUp(data, made), record.dims);
}

function knownTable(context: KernelContext): Numbers | undefined {
  const known = TABLES.get(outputRecord(context));
  const { form, inputRecords, rounding } = context;
  if (!known || known.key.form !== form || known.key.from !== inputRecords[0]) return undefined;
  return known.key.rounding === rounding ? known.table : undefined;
}

/** Elements of 8 bits through a table of 256 entries, the first for −128. */
export function lookUp(data: Int8Array, table: Numbers): Numbers {
  if (table instanceof Int8Array) return lookUpBytes(data, table);
  const out = emptyOf(dtypeOf(table), data.length);
  for (let i = 0; i < data.length; i++) out[i] = table[(data[i] as number) + 128] as number;
  return out;
}

function lookUpBytes(data: Int8Array, table: Int8Array): Int8Array {
  const out = new Int8Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = table[(data[i] as number) + 128] as number;
  return out;
}

function dtypeOf(table: Numbers): "int8" | "int16" | "int32" | "float32" {
  if (table instanceof Int8Array) return "int8";
  if (table instanceof Int16Array) return "int16";
  return table instanceof Int32Array ? "int32" : "float32";
}
