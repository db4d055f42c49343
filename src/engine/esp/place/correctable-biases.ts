import type { Model, ValueName } from "../../../core/ir/graph.ts";
import type { Tensor } from "../../../core/ir/tensor.ts";
import { toEspdlDialect } from "../../../core/program/dialect/espdl-dialect.ts";
import { biasesOf } from "../../../core/quant/esp/bias-correction.ts";
import type { Module } from "../../../core/stream/module.ts";

/**
 * Tells whether the bias of a value can change in a streaming model: the modules that make the value must add the same constant as
 * the offline graph, so that the same other one can take its place in both.
 */
export function correctableBiases(model: Model, modules: readonly Module[]): (value: ValueName) => boolean {
  const offline = biasesOf(toEspdlDialect(model).graph);
  const parts = modules.map((m) => biasesOf(toEspdlDialect({ ...model, graph: m.graph }).graph));
  return (value) => {
    const own = offline.get(value);
    const theirs = parts.flatMap((biases) => biases.get(value) ?? []);
    return own !== undefined && theirs.length > 0 && theirs.every((bias) => equal(own, bias));
  };
}

function equal(a: Tensor, b: Tensor): boolean {
  return (
    a.dims.join() === b.dims.join() &&
    a.bytes.length === b.bytes.length &&
    a.bytes.every((x, i) => x === b.bytes[i])
  );
}
