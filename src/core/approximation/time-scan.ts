import { intAttribute, intsAttribute, makeNode, type Node, type ValueName } from "../ir/graph.ts";
import { floatTensor, type Tensor } from "../ir/tensor.ts";
import type { PatchWriter } from "./patch-writer.ts";
import type { TimeAxis } from "./time-statistic.ts";

/** What a frame makes of the value that is carried along time. */
export interface Step {
  readonly start: number;
  /** Nodes that compute `next` from `past` and `frame`; constants are scalars by name. */
  nodes(names: {
    readonly past: ValueName;
    readonly frame: ValueName;
    readonly next: ValueName;
  }): readonly Node[];
  readonly constants?: Readonly<Record<ValueName, number>>;
}

/** The carried value after every frame, as a Scan along time. */
export function scanTime(
  out: PatchWriter,
  value: ValueName,
  { axis, dims }: TimeAxis,
  step: Step,
  role: string,
): ValueName {
  const shape = dims.filter((_, i) => i !== axis);
  const inner = (name: string): ValueName => out.name(`${role}.${name}`);
  const [past, frame, next, given] = [inner("past"), inner("frame"), inner("next"), inner("given")];
  const info = (name: ValueName) => ({ name, dtype: "float32" as const, shape });
  const scalars = Object.entries(step.constants ?? {});
  const initializers = new Map<ValueName, Tensor>(scalars.map(([name, x]) => [name, floatTensor([x], [])]));
  const graph = {
    name: role,
    inputs: [past, frame].map(info),
    outputs: [next, given].map(info),
    initializers,
    values: new Map(),
    nodes: [...step.nodes({ past, frame, next }), makeNode("Identity", [next], [given])],
  };
  const count = shape.reduce((n, d) => n * d, 1);
  const start = out.floats(new Array<number>(count).fill(step.start), shape, `${role}.start`);
  const target = out.name(role);
  out.wide("Scan", [start, value], [out.name(`${role}.last`), target], {
    body: { kind: "graph", value: graph },
    num_scan_inputs: intAttribute(1),
    scan_input_axes: intsAttribute([axis]),
    scan_output_axes: intsAttribute([axis]),
  });
  return target;
}
