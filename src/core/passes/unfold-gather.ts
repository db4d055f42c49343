import { intAttribute, makeNode, type Node, type ValueName } from "../ir/graph.ts";
import { longTensor, numbers, type Tensor } from "../ir/tensor.ts";
import { producersOf } from "../ir/walk.ts";
import { sameDim, subtractDims } from "../ops/rules/dim.ts";
import { fromFront, knownScalar, vectorOf } from "../ops/rules/operand.ts";
import type { InferenceResult } from "./infer-shapes.ts";
import { freshNames, type Pass } from "./pass.ts";

/** Beyond this many taps a gather of windows is left alone. */
const MOST_TAPS = 64;
const TO_END = 2 ** 31;

/**
 * Gather of overlapping windows (torch's unfold: indices range(0, L − max, step)[:, None] + taps) as one strided slice
 * per tap, side by side.
 */
export const unfoldGather: Pass = {
  name: "unfold-gather",
  needs: ["Gather"],
  run({ model, inference }) {
    const producers = producersOf(model.graph);
    const fresh = freshNames(model);
    const removeNodes = new Set<Node>();
    const addNodes: Node[] = [];
    const setInitializers = new Map<ValueName, Tensor>();
    for (const node of model.graph.nodes) {
      const windows = node.op === "Gather" && node.domain === "" && windowsOf(node, producers, inference);
      if (!windows) continue;
      const { axis, step, taps } = windows;
      const [source = ""] = node.inputs;
      const output = node.outputs[0] ?? "";
      const integers = (name: string, value: number): ValueName => {
        const unique = fresh(`${output}.${name}`);
        setInitializers.set(unique, longTensor([value]));
        return unique;
      };
      const [along, behind, stride] = [
        integers("axis", axis),
        integers("behind", axis + 1),
        integers("step", step),
      ];
      const last = Math.max(...taps);
      const columns = taps.map((tap) => {
        const [slice, column] = [fresh(`${output}.tap`), fresh(`${output}.column`)];
        const end = tap === last ? TO_END : tap - last;
        const range = [integers("from", tap), integers("to", end)];
        addNodes.push(makeNode("Slice", [source, ...range, along, stride], [slice]));
        addNodes.push(makeNode("Unsqueeze", [slice, behind], [column]));
        return column;
      });
      addNodes.push(makeNode("Concat", columns, [output], { axis: intAttribute(axis + 1) }, node.name));
      removeNodes.add(node);
    }
    return removeNodes.size === 0 ? undefined : { removeNodes, addNodes, setInitializers };
  },
};

interface Windows {
  readonly axis: number;
  readonly step: number;
  readonly taps: readonly number[];
}

function windowsOf(
  { inputs, attributes }: Node,
  producers: ReadonlyMap<ValueName, Node>,
  inference: InferenceResult,
): Windows | undefined {
  const { info } = inference;
  const shape = info(inputs[0] ?? "").shape;
  const indices = producers.get(inputs[1] ?? "");
  const given = attributes.axis;
  if (!shape || indices?.op !== "Add") return undefined;
  const axis = fromFront(given?.kind === "int" ? Number(given.value) : 0, shape.length);
  for (const [starts = "", offsets = ""] of [indices.inputs, [...indices.inputs].reverse()]) {
    const column = producers.get(starts);
    const range = producers.get(column?.inputs[0] ?? "");
    const constant = info(offsets).constant;
    const isColumn = column?.op === "Unsqueeze" && info(starts).shape?.length === 2;
    if (!isColumn || info(starts).shape?.[1] !== 1 || range?.op !== "Range" || !constant) continue;
    const [from = "", limit = "", by = ""] = range.inputs;
    const taps = numbers(constant);
    const [first, step] = [knownScalar(info(from)), knownScalar(info(by))];
    const isRow = constant.dims.length <= 2 && constant.dims.at(-1) === taps.length;
    if (!isRow || first !== 0 || step === undefined || step < 1 || taps.length > MOST_TAPS) continue;
    if (taps.length === 0 || taps.some((t) => t < 0)) continue;
    const extent = subtractDims(shape[axis] ?? null, Math.max(...taps));
    if (sameDim(vectorOf(info(limit))?.[0] ?? null, extent)) return { axis, step, taps };
  }
  return undefined;
}
