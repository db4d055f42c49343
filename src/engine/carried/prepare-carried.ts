import { fail } from "../../core/base/problem.ts";
import type { Dim, Graph, Model, ValueInfo, ValueName } from "../../core/ir/graph.ts";
import type { Tensor } from "../../core/ir/tensor.ts";
import { realInputs } from "../../core/ir/walk.ts";
import { inferShapes } from "../../core/passes/infer-shapes.ts";
import { normalize } from "../../core/passes/pipeline.ts";
import type { Plan } from "../../core/plan/plan.ts";
import type { TimeAxes } from "../../core/stream/analysis.ts";
import { carriedModel } from "../../core/stream/carried-model.ts";
import { filledTensor } from "../../core/stream/filled-tensor.ts";
import { confirmedPairs, type StatePair, stateDims } from "../../core/stream/state-pairs.ts";
import type { Streaming } from "../../core/stream/streaming-model.ts";
import { modelName } from "../model-name.ts";
import type { OpenedModel } from "../open-model.ts";
import { dataAxes } from "./data-axes.ts";

/** A model that already streams, ready to be rolled. */
export interface Carried {
  /** The model at its chunk: extents known, fixed inputs constant, normalised once more. */
  readonly model: Model;
  readonly pairs: readonly StatePair[];
  readonly fixed: Readonly<Record<ValueName, Tensor>>;
  readonly streaming: Streaming;
}

/** The part of a plan that says how a model is rolled. */
export type CarriedPlan = Pick<Plan, "axes" | "chunk" | "states" | "fixed">;

/** True if the plan says that the model carries its own states. */
export function isCarried(plan: Pick<Plan, "states">): boolean {
  return (plan.states?.length ?? 0) > 0;
}

/**
 * The model with the states that the plan confirms. Throws `stream.stateInvalid`, `stream.axisUnknown` if no input has
 * frames, `stream.chunkFixed` if the file says how many frames a step has, `data.staticInput` for an input without
 * frames that the plan gives no value.
 */
export function prepareCarried(opened: OpenedModel, plan: CarriedPlan): Carried {
  const { normalized, inference } = opened;
  const { pairs, rest } = confirmedPairs(normalized, inference, plan.states ?? []);
  const fixed = fixedInputs(normalized.graph, rest.inputs, plan.fixed ?? {});
  const axes = plan.axes;
  for (const name of rest.inputs) {
    if (!(name in fixed) && axes[name] === undefined) fail({ code: "data.staticInput", input: name });
  }
  if (Object.keys(axes).length === 0) fail({ code: "stream.axisUnknown", input: rest.inputs[0] ?? "" });
  const shaped = atChunk(normalized, { pairs, axes, chunk: plan.chunk, fixed });
  const { model } = normalize(shaped);
  const streaming = carriedModel(model, inferShapes(model), {
    chunk: plan.chunk,
    axes,
    pairs,
    name: modelName(opened.name),
  });
  return { model, pairs, fixed, streaming };
}

/** Frames per step that the file fixes, if it does; by the axes given, else by the likely ones. */
export function fixedChunk(
  opened: OpenedModel,
  rest: readonly ValueName[],
  axes?: TimeAxes,
): number | undefined {
  for (const [name, axis] of Object.entries(axes ?? dataAxes(opened, rest))) {
    const dim = opened.inference.info(name).shape?.[axis];
    if (typeof dim === "number") return dim;
  }
  return undefined;
}

function fixedInputs(
  graph: Graph,
  rest: readonly ValueName[],
  values: Readonly<Record<string, number>>,
): Record<ValueName, Tensor> {
  const data = new Set(rest);
  return Object.fromEntries(
    realInputs(graph).flatMap(({ name, dtype = "float32", shape = [] }) => {
      const value = values[name];
      if (value === undefined || !data.has(name)) return [];
      return [[name, filledTensor(dtype, shape.map(extentOf), value)] as const];
    }),
  );
}

interface AtChunk {
  readonly pairs: readonly StatePair[];
  readonly axes: TimeAxes;
  readonly chunk: number;
  readonly fixed: Readonly<Record<ValueName, Tensor>>;
}

/** The same graph with every input's extents known: the chunk on time axes, 1 on what else is open (a batch). */
function atChunk(model: Model, { pairs, axes, chunk, fixed }: AtChunk): Model {
  const { graph } = model;
  const states = new Map(pairs.map((p) => [p.input, stateDims(p)]));
  const inputs = graph.inputs
    .filter((v) => !(v.name in fixed))
    .map((v): ValueInfo => {
      const state = states.get(v.name);
      if (state) return { ...v, shape: state };
      const axis = axes[v.name];
      const declared = axis === undefined ? undefined : v.shape?.[axis];
      if (typeof declared === "number" && declared !== chunk)
        fail({ code: "stream.chunkFixed", chunk, fixed: declared });
      return v.shape ? { ...v, shape: v.shape.map((d, i) => (i === axis ? chunk : extentOf(d))) } : v;
    });
  const outputs = graph.outputs.map(({ name, dtype }): ValueInfo => ({ name, ...(dtype && { dtype }) }));
  const initializers = new Map([...graph.initializers, ...Object.entries(fixed)]);
  // Extents that the file notes for inner values may be those of its symbols.
  return { ...model, graph: { ...graph, inputs, outputs, initializers, values: new Map() } };
}

function extentOf(dim: Dim): number {
  return typeof dim === "number" ? dim : 1;
}
