import { encodeModel } from "../src/core/format/onnx/encode-model.ts";
import type { Model } from "../src/core/ir/graph.ts";
import { defaultPlan } from "../src/core/plan/default-plan.ts";
import type { Plan } from "../src/core/plan/plan.ts";
import type { Module } from "../src/core/stream/module.ts";
import { prepare } from "../src/engine/evaluate.ts";
import { type OpenedModel, openModel } from "../src/engine/open-model.ts";
import type { ProofSubject } from "../src/engine/prove/subject.ts";

export interface SubjectOptions {
  readonly chunk?: number;
  readonly plan?: Partial<Plan>;
  /** A fault to plant in every module. */
  readonly change?: (module: Module) => Module;
}

/** A model whose input x has time on axis 2, converted and ready to be proved. */
export function proofSubject(model: Model, options: SubjectOptions = {}): ProofSubject {
  return subjectOf(openModel([{ name: "sketch.onnx", bytes: encodeModel(model) }]), options);
}

/** The same of a model that is open. */
export function subjectOf(
  opened: OpenedModel,
  { chunk = 2, plan = {}, change }: SubjectOptions = {},
): ProofSubject {
  const base = defaultPlan({ name: opened.name, sha256: opened.sha256 }, { axes: { x: 2 }, chunk });
  const whole = { ...base, ...plan };
  const { analysis, streaming } = prepare(opened, whole);
  const modules = change ? streaming.model.modules.map(change) : streaming.model.modules;
  return { opened, plan: whole, analysis: analysis.stream, streaming: { ...streaming.model, modules } };
}
