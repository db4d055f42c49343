import { createStore, type StoreApi } from "zustand/vanilla";
import type { Approximation } from "../core/plan/approximation.ts";
import { defaultPlan } from "../core/plan/default-plan.ts";
import type {
  CacheMark,
  CompatibleTool,
  EndChoice,
  FeatureSettings,
  Plan,
  StateChoice,
  WarmUpChoice,
} from "../core/plan/plan.ts";
import type { CalibrationMethod } from "../core/quant/scheme.ts";
import { begin, commit, type History, redo, undo } from "./history.ts";

/** What an edit did, for "Undo: …"; the sentence is made where it is shown. */
export interface EditLabel {
  readonly edit:
    | "axis"
    | "chunk"
    | "cacheAccepted"
    | "cachesAccepted"
    | "cacheForced"
    | "cacheRemoved"
    | "cacheReset"
    | "cachesMarked"
    | "warmUp"
    | "end"
    | "splitAdded"
    | "splitRemoved"
    | "splitsAdded"
    | "splitsRemoved"
    | "splitMoved"
    | "splitsBalanced"
    | "approximated"
    | "approximationRemoved"
    | "features"
    | "method"
    | "target"
    | "bits"
    | "compatible"
    | "ownNumbers"
    | "keepFloat"
    | "keptFloat"
    | "givenBack"
    | "width"
    | "widths"
    | "widthReset"
    | "widthsReset"
    | "cacheForm"
    | "budget"
    | "budgetRemoved"
    | "states"
    | "fixed"
    | "planLoaded";
  /** What it was done to: a value, an input, a node. */
  readonly on?: string;
}

export type PlanHistory = History<Plan, EditLabel>;
export type DocumentStore = StoreApi<PlanHistory>;

/** The plan before a model is open. */
export const EMPTY_PLAN: Plan = defaultPlan({ name: "", sha256: "" });

export function createDocument(): DocumentStore {
  return createStore<PlanHistory>(() => begin(EMPTY_PLAN));
}

function edit(doc: DocumentStore, label: EditLabel, change: (plan: Plan) => Plan, group?: string): void {
  doc.setState((h) => {
    const next = change(h.present);
    // Choosing what is chosen already is nothing to undo, and neither is a slider that was moved back.
    if (samePlan(next, h.present)) return h;
    const committed = commit(h, next, label, group);
    const last = committed.past.at(-1);
    if (!last || !samePlan(last.doc, next)) return committed;
    return { past: committed.past.slice(0, -1), present: last.doc, future: [] };
  }, true);
}

function samePlan(a: Plan, b: Plan): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/** Starts a new history with `plan`; nothing of an earlier model can be undone into this one. */
export function startPlan(doc: DocumentStore, plan: Plan): void {
  doc.setState(begin<Plan, EditLabel>(plan), true);
}

/** Goes on with the history of an earlier visit, whatever the model's file is called now. */
export function continuePlan(doc: DocumentStore, history: PlanHistory, modelName: string): void {
  const { present } = history;
  const model = { ...present.model, name: modelName };
  doc.setState({ ...history, present: { ...present, model } }, true);
}

/** Fills in what the analysis found, as part of opening: not an edit of the user, so not undoable. */
export function completePlan(doc: DocumentStore, change: (plan: Plan) => Plan): void {
  doc.setState((h) => ({ ...h, present: change(h.present) }), true);
}

export function undoEdit(doc: DocumentStore): void {
  doc.setState(undo, true);
}

export function redoEdit(doc: DocumentStore): void {
  doc.setState(redo, true);
}

/** Replaces every decision by those of a plan file for the same model. */
export function loadPlan(doc: DocumentStore, plan: Plan): void {
  edit(doc, { edit: "planLoaded" }, () => plan);
}

/** Chooses the time axis of one input. Marks and the input's front end rest on the old axis, so they go with it. */
export function setAxis(doc: DocumentStore, input: string, axis: number): void {
  edit(doc, { edit: "axis", on: input }, (plan) => {
    if (plan.axes[input] === axis) return plan;
    const { [input]: _, ...features } = plan.features;
    return {
      ...plan,
      axes: { ...plan.axes, [input]: axis },
      features,
      caches: {},
      splits: [],
      approximations: {},
    };
  });
}

export function setChunk(doc: DocumentStore, chunk: number): void {
  edit(
    doc,
    { edit: "chunk", on: String(chunk) },
    (plan) => (plan.chunk === chunk ? plan : { ...plan, chunk }),
    "chunk",
  );
}

export function setWarmUp(doc: DocumentStore, warmUp: WarmUpChoice): void {
  edit(doc, { edit: "warmUp", on: warmUp }, (plan) =>
    (plan.warmUp ?? "auto") === warmUp ? plan : { ...plan, warmUp },
  );
}

export function setEnd(doc: DocumentStore, end: EndChoice): void {
  edit(doc, { edit: "end", on: end }, (plan) => ((plan.end ?? "open") === end ? plan : { ...plan, end }));
}

export function markCache(doc: DocumentStore, value: string, mark: CacheMark): void {
  const kind = { accepted: "cacheAccepted", forced: "cacheForced", removed: "cacheRemoved" } as const;
  const group = mark.state === "forced" ? `forced:${value}` : undefined;
  const change = (plan: Plan) => ({ ...plan, caches: { ...plan.caches, [value]: mark } });
  edit(doc, { edit: kind[mark.state], on: value }, change, group);
}

/**
 * Puts something in the place of a node that cannot stream exactly. `axes` are those along which the node is refused: where
 * a model streams along none, none was chosen yet.
 */
export function approximateNode(
  doc: DocumentStore,
  node: string,
  approximation: Approximation,
  axes: Plan["axes"],
): void {
  const change = (plan: Plan): Plan => ({
    ...plan,
    axes: Object.keys(plan.axes).length > 0 ? plan.axes : axes,
    approximations: { ...plan.approximations, [node]: approximation },
  });
  edit(doc, { edit: "approximated", on: node }, change, `approximated:${node}`);
}

/** The node is refused again. */
export function removeApproximation(doc: DocumentStore, node: string): void {
  edit(doc, { edit: "approximationRemoved", on: node }, (plan) => {
    if (!(node in plan.approximations)) return plan;
    const { [node]: _, ...approximations } = plan.approximations;
    return { ...plan, approximations };
  });
}

/** Back to "as proposed". */
export function clearCache(doc: DocumentStore, value: string): void {
  edit(doc, { edit: "cacheReset", on: value }, (plan) => {
    if (!(value in plan.caches)) return plan;
    const { [value]: _, ...caches } = plan.caches;
    return { ...plan, caches };
  });
}

/** Marks several values as one step; undefined: back to "as proposed". */
export function markCaches(doc: DocumentStore, marks: ReadonlyMap<string, CacheMark | undefined>): void {
  edit(doc, { edit: "cachesMarked", on: String(marks.size) }, (plan) => {
    const others = Object.entries(plan.caches).filter(([value]) => !marks.has(value));
    const given = [...marks].flatMap(([value, mark]) => (mark ? [[value, mark] as const] : []));
    return { ...plan, caches: Object.fromEntries([...others, ...given]) };
  });
}

/** Accepts every proposal that has no mark yet, as one step. */
export function acceptCaches(doc: DocumentStore, proposed: readonly string[]): void {
  edit(doc, { edit: "cachesAccepted" }, (plan) => {
    const open = proposed.filter((value) => !(value in plan.caches));
    if (open.length === 0) return plan;
    const added = Object.fromEntries(open.map((value) => [value, { state: "accepted" } as const]));
    return { ...plan, caches: { ...plan.caches, ...added } };
  });
}

export function toggleSplit(doc: DocumentStore, value: string): void {
  const has = doc.getState().present.splits.includes(value);
  edit(doc, { edit: has ? "splitRemoved" : "splitAdded", on: value }, (plan) => ({
    ...plan,
    splits: has ? plan.splits.filter((v) => v !== value) : [...plan.splits, value],
  }));
}

/** Splits at all these values; where all are split already, at none of them. */
export function toggleSplits(doc: DocumentStore, values: readonly string[]): void {
  const [only, ...more] = values;
  if (only !== undefined && more.length === 0) toggleSplit(doc, only);
  if (more.length === 0) return;
  const { splits } = doc.getState().present;
  const missing = values.filter((v) => !splits.includes(v));
  const on = String(missing.length || values.length);
  edit(doc, { edit: missing.length > 0 ? "splitsAdded" : "splitsRemoved", on }, (plan) => ({
    ...plan,
    splits: missing.length > 0 ? [...splits, ...missing] : splits.filter((v) => !values.includes(v)),
  }));
}

/**
 * Says which states the model itself carries; none means that it is to be converted. Marks, front ends and axes rest on
 * the other answer, so they go with it; `roll` gives the axes and the frames per step that the file suggests.
 */
export function setStates(
  doc: DocumentStore,
  states: readonly StateChoice[] | undefined,
  roll?: Pick<Plan, "axes" | "chunk">,
): void {
  edit(doc, { edit: "states", on: String(states?.length ?? 0) }, ({ states: _, ...plan }) => {
    const next = states === undefined ? plan : { ...plan, states };
    return roll ? { ...next, ...roll, features: {}, caches: {}, splits: [] } : next;
  });
}

/** Gives an input that never changes its value; undefined takes it back. */
export function setFixed(doc: DocumentStore, input: string, value: number | undefined): void {
  edit(doc, { edit: "fixed", on: input }, ({ fixed = {}, ...plan }) => {
    const { [input]: _, ...others } = fixed;
    const next = value === undefined ? others : { ...others, [input]: value };
    return Object.keys(next).length > 0 ? { ...plan, fixed: next } : plan;
  });
}

/** Splits at `instead` in place of `mark`, as one step. */
export function replaceSplit(doc: DocumentStore, mark: string, instead: string): void {
  edit(doc, { edit: "splitMoved", on: instead }, (plan) => {
    const others = plan.splits.filter((v) => v !== mark && v !== instead);
    return { ...plan, splits: [...others, instead] };
  });
}

/** Splits at these values and nowhere else. */
export function balanceSplits(doc: DocumentStore, splits: readonly string[]): void {
  edit(doc, { edit: "splitsBalanced", on: String(splits.length + 1) }, (plan) =>
    plan.splits.join("\n") === splits.join("\n") ? plan : { ...plan, splits },
  );
}

export function setFeatures(doc: DocumentStore, input: string, settings: FeatureSettings): void {
  const change = (plan: Plan) => ({ ...plan, features: { ...plan.features, [input]: settings } });
  edit(doc, { edit: "features", on: input }, change, `features:${input}`);
}

export function setMethod(doc: DocumentStore, method: CalibrationMethod): void {
  edit(doc, { edit: "method", on: method }, (plan) => (plan.method === method ? plan : { ...plan, method }));
}

export function setTarget(doc: DocumentStore, target: string): void {
  edit(doc, { edit: "target", on: target }, (plan) => (plan.target === target ? plan : { ...plan, target }));
}

/** Width of weights and activations; 8 is what a plan means that says nothing. */
export function setBits(doc: DocumentStore, bits: 8 | 16): void {
  edit(doc, { edit: "bits", on: String(bits) }, ({ bits: before = 8, ...plan }) => {
    if (bits === before) return before === 8 ? plan : { ...plan, bits };
    return bits === 8 ? plan : { ...plan, bits };
  });
}

/** Reproduces another tool's numbers; undefined: Rill's own. */
export function setCompatible(doc: DocumentStore, compatible: CompatibleTool | undefined): void {
  edit(doc, { edit: compatible ? "compatible" : "ownNumbers", on: compatible ?? "" }, (plan) => {
    if (plan.compatible === compatible) return plan;
    const { compatible: _, ...own } = plan;
    return compatible ? { ...own, compatible } : own;
  });
}

/** What a width can be given to: a node by its key, listed under that or its name. */
interface WidthOwner {
  readonly key: string;
  readonly name: string;
}

/** Gives one node a width of its own, whatever it is listed under; undefined: that of the model. */
export function setWidth(doc: DocumentStore, node: WidthOwner, bits: 8 | 16 | undefined): void {
  const on = bits === undefined ? node.key : `${node.key}: ${bits}`;
  edit(doc, { edit: bits === undefined ? "widthReset" : "width", on }, (plan) =>
    withWidths(plan, [node], bits),
  );
}

/** The same for several nodes as one step. */
export function setWidths(doc: DocumentStore, nodes: readonly WidthOwner[], bits: 8 | 16 | undefined): void {
  const on = bits === undefined ? String(nodes.length) : `${nodes.length} × ${bits}`;
  edit(doc, { edit: bits === undefined ? "widthsReset" : "widths", on }, (plan) =>
    withWidths(plan, nodes, bits),
  );
}

function withWidths(present: Plan, nodes: readonly WidthOwner[], bits: 8 | 16 | undefined): Plan {
  const { widths: before = {}, ...plan } = present;
  const listed = new Set(nodes.flatMap(({ key, name }) => [key, name]));
  const others = Object.entries(before).filter(([name]) => !listed.has(name));
  const given = bits === undefined ? [] : nodes.map(({ key }) => [key, bits] as const);
  const widths = Object.fromEntries([...others, ...given]);
  return Object.keys(widths).length > 0 ? { ...plan, widths } : plan;
}

/** Where a chip's files have their caches; undefined: inside where they can. */
export function setCacheForm(doc: DocumentStore, form: Plan["cacheForm"]): void {
  edit(doc, { edit: "cacheForm", on: form ?? "internal" }, ({ cacheForm: _, ...plan }) =>
    form === undefined ? plan : { ...plan, cacheForm: form },
  );
}

/** What 16 bits at single nodes may cost; undefined: none are searched for. */
export function setBudget(doc: DocumentStore, budget: Plan["budget"]): void {
  edit(doc, { edit: budget ? "budget" : "budgetRemoved" }, ({ budget: _, ...plan }) =>
    budget ? { ...plan, budget } : plan,
  );
}

/** Keeps all these nodes in float; where all are kept already, none of them. */
export function toggleKeptFloat(doc: DocumentStore, nodes: readonly string[]): void {
  const [only, ...more] = nodes;
  if (only !== undefined && more.length === 0) toggleKeepFloat(doc, only);
  if (more.length === 0) return;
  const { keepFloat } = doc.getState().present;
  const missing = nodes.filter((n) => !keepFloat.includes(n));
  const on = String(missing.length || nodes.length);
  edit(doc, { edit: missing.length > 0 ? "keptFloat" : "givenBack", on }, (plan) => ({
    ...plan,
    keepFloat: missing.length > 0 ? [...keepFloat, ...missing] : keepFloat.filter((n) => !nodes.includes(n)),
  }));
}

export function toggleKeepFloat(doc: DocumentStore, node: string): void {
  edit(doc, { edit: "keepFloat", on: node }, (plan) => ({
    ...plan,
    keepFloat: plan.keepFloat.includes(node)
      ? plan.keepFloat.filter((n) => n !== node)
      : [...plan.keepFloat, node],
  }));
}
