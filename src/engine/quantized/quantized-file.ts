import { fail } from "../../core/base/problem.ts";
import { readQdq } from "../../core/quant/qdq/read-qdq.ts";
import type { QuantizedModel } from "../../core/quant/quantized-model.ts";
import type { OpenedModel } from "../open-model.ts";
import { espdlNumbers } from "./espdl-numbers.ts";

/** The numbers of an opened `.espdl` or QDQ model. Throws `model.notQuantized` for a float model. */
export function quantizedNumbers(opened: OpenedModel): QuantizedModel {
  if (opened.espdl) return espdlNumbers(opened.espdl);
  // As it was written: rewrites may fold what is behind a DequantizeLinear.
  const numbers = readQdq(opened.original.graph);
  const found = numbers.values.size + numbers.parameters.size > 0;
  return found ? numbers : fail({ code: "model.notQuantized", file: opened.name });
}
