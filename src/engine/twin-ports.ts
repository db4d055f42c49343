import { fail } from "../core/base/problem.ts";
import type { Shape, ValueName } from "../core/ir/graph.ts";
import type { TimeAxes } from "../core/stream/analysis.ts";
import { axisCandidates } from "../core/stream/time-axis.ts";
import type { OpenedModel } from "./open-model.ts";

/** A port of the offline model and the one that stands for it in the streaming model. */
export interface TwinPort {
  readonly offline: ValueName;
  readonly streaming: ValueName;
}

/**
 * The ports of two models of one network: by name, else by order among those whose shapes can be equal but for one axis.
 * Throws `twin.unmatched` for a port of `streaming` that is left alone.
 */
export function matchPorts(
  offline: { readonly names: readonly ValueName[]; readonly opened: OpenedModel },
  streaming: { readonly names: readonly ValueName[]; readonly opened: OpenedModel },
): TwinPort[] {
  const left = new Set(offline.names);
  const twins = new Map<ValueName, ValueName>();
  for (const name of streaming.names) if (left.delete(name)) twins.set(name, name);
  for (const name of streaming.names) {
    if (twins.has(name)) continue;
    const shape = shapeOf(streaming.opened, name);
    const match = [...left].find((other) => mayBeTwins(shape, shapeOf(offline.opened, other)));
    if (match === undefined) return fail({ code: "twin.unmatched", port: name, file: offline.opened.name });
    left.delete(match);
    twins.set(name, match);
  }
  return [...twins].map(([name, other]) => ({ offline: other, streaming: name }));
}

function shapeOf(opened: OpenedModel, name: ValueName): Shape | undefined {
  return opened.inference.info(name).shape;
}

function mayBeTwins(a: Shape | undefined, b: Shape | undefined): boolean {
  if (!a || !b) return true;
  return a.length === b.length && differing(a, b).length <= 1;
}

/** Axes on which two shapes have different known extents. */
function differing(a: Shape, b: Shape): number[] {
  return a.flatMap((d, i) => {
    const e = b[i];
    return typeof d === "number" && typeof e === "number" && d !== e ? [i] : [];
  });
}

const BATCH = /batch|^n$|^b$|^unk/i;

/**
 * The time axis of every input pair, in this order: as given for the offline input; as the graph tells; the one axis on
 * which the twins differ in length; the first open axis that is not called a batch. Inputs without any stay as they are.
 * Throws `stream.axisUnknown` if no input has one.
 */
export function twinAxes(
  ports: readonly TwinPort[],
  offline: OpenedModel,
  streaming: OpenedModel,
  given: TimeAxes = {},
): Map<TwinPort, number> {
  const told = new Map(
    axisCandidates(offline.normalized, offline.inference).map((c) => [c.input, c.chosen] as const),
  );
  const axes = new Map<TwinPort, number>();
  for (const port of ports) {
    const a = shapeOf(offline, port.offline) ?? [];
    const b = shapeOf(streaming, port.streaming) ?? [];
    const open = a.findIndex((d) => typeof d !== "number" && !BATCH.test(d ?? ""));
    const declared = a.flatMap((d, i) => (typeof d === "string" && typeof b[i] === "number" ? [i] : []));
    const axis =
      given[port.offline] ??
      told.get(port.offline) ??
      differing(a, b)[0] ??
      declared[0] ??
      (open >= 0 ? open : undefined);
    if (axis !== undefined) axes.set(port, axis);
  }
  if (axes.size === 0) fail({ code: "stream.axisUnknown", input: ports[0]?.offline ?? "" });
  return axes;
}
