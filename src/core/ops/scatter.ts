import { makeNode } from "../ir/graph.ts";
import { byteLength, numbers, sizeOf } from "../ir/tensor.ts";
import { defineOp, type OpDefinition, refuse } from "./op.ts";
import { coordinates, flatIndex, moveElements } from "./rules/fold.ts";
import { fromFront, inferred } from "./rules/operand.ts";

/** Writes slices of `updates` at coordinates of the leading axes; later writes win. */
const scatterNd = defineOp("ScatterND", "Replaces slices at given coordinates.", (attributes) => ({
  infer: ([x]) => [inferred(x?.dtype, x?.shape)],
  stream: () => refuse("timeIndexed"),
  fold([x, indices, updates]) {
    const source = x?.constant;
    const at = indices?.constant;
    const values = updates?.constant;
    if (!source || !at || !values || attributes.string("reduction", "none") !== "none") return undefined;
    const width = byteLength(source.dtype, 2) / 2;
    const depth = at.dims[at.dims.length - 1] ?? 0;
    if (source.dtype === "string" || width < 1) return undefined;
    const copy = { ...source, bytes: source.bytes.slice() };
    const run = sizeOf(source.dims.slice(depth)) * width;
    const flat = numbers(at);
    for (let k = 0; k * depth < flat.length; k++) {
      const coordinate = flat
        .slice(k * depth, (k + 1) * depth)
        .map((c, i) => fromFront(c, source.dims[i] ?? 0));
      const to = flatIndex(coordinate, source.dims.slice(0, depth)) * run;
      copy.bytes.set(values.bytes.subarray(k * run, (k + 1) * run), to);
    }
    return [copy];
  },
}));

function scatterAlong(op: string, doc: string): OpDefinition {
  return defineOp(
    op,
    doc,
    (attributes) => ({
      infer: ([x]) => [inferred(x?.dtype, x?.shape)],
      stream({ axes, operands }) {
        const rank = operands[0]?.shape?.length;
        if (rank === undefined) return refuse("shapeUnknown");
        const [time] = axes;
        const together = time !== undefined && axes.every((a) => a === time);
        return together && fromFront(attributes.int("axis", 0), rank) !== time
          ? { kind: "perFrame", axis: time }
          : refuse("timeIndexed");
      },
      fold([x, indices, updates]) {
        const source = x?.constant;
        const at = indices?.constant;
        const values = updates?.constant;
        if (!source || !at || !values || attributes.string("reduction", "none") !== "none") return undefined;
        const axis = fromFront(attributes.int("axis", 0), source.dims.length);
        const from = new Map<number, number>();
        for (const [i, index] of numbers(at).entries()) {
          const c = coordinates(i, at.dims);
          c[axis] = fromFront(index, source.dims[axis] ?? 0);
          from.set(flatIndex(c, source.dims), i);
        }
        const width = byteLength(source.dtype, 2) / 2;
        const out = moveElements(source, source.dims, (i) => i);
        for (const [to, i] of from) {
          out?.bytes.set(values.bytes.subarray(i * width, (i + 1) * width), to * width);
        }
        return out && [out];
      },
    }),
    op === "Scatter"
      ? {
          before: 11,
          upgrade: (node) => [
            makeNode("ScatterElements", node.inputs, node.outputs, node.attributes, node.name),
          ],
        }
      : undefined,
  );
}

const scatterElements = scatterAlong("ScatterElements", "Replaces single entries along an axis.");
/** Renamed to ScatterElements in opset 11. */
const scatter = scatterAlong("Scatter", "Replaces single entries along an axis (before opset 11).");

export const scatterOps: readonly OpDefinition[] = [scatterNd, scatterElements, scatter];
