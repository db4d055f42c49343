import { makeNode } from "../../ir/graph.ts";
import { sizeOf, type Tensor } from "../../ir/tensor.ts";
import { rulesFor } from "../../ops/catalogue.ts";
import { filled, inputAt, numbersOf, outputRecord, type Run } from "../kernel-context.ts";
import type { KernelForm } from "../program.ts";

type Form<K extends KernelForm["kind"]> = Extract<KernelForm, { kind: K }>;

/** Ops that only re-read memory: the elements keep their order. */
const RESHAPES: ReadonlySet<string> = new Set([
  "Reshape",
  "Flatten",
  "Squeeze",
  "Unsqueeze",
  "Identity",
  "Dropout",
]);

/** Transpose, Slice, Concat, Pad, Gather, Split, …: the operator's own rule for constants moves the integers. */
export const runMove: Run<Form<"move">> = (context) => {
  const { kernel, inputs, outputRecords } = context;
  if (RESHAPES.has(kernel.op)) return [{ ...inputAt(context, 0), dims: outputRecord(context).dims }];
  const node = makeNode(kernel.op, kernel.inputs, kernel.outputs, kernel.attributes, kernel.name);
  const operands = inputs.map((t) => t && { dtype: t.dtype, shape: t.dims, constant: t });
  const moved = rulesFor(node)?.fold?.(operands);
  if (!moved) throw new Error(`${kernel.name}: ${kernel.op} does not move integers`);
  return outputRecords.map((record, i): Tensor => {
    const tensor = moved[i];
    if (!tensor) throw new Error(`${kernel.name} does not make ${record.name}`);
    return { ...tensor, dims: record.dims };
  });
};

/** Source: esp-ppq 1.3.5 InsertZeros; the last axis of space runs fastest. */
export const runInsertZeros: Run<Form<"insertZeros">> = (context) => {
  const { strides, layout } = context.form;
  const input = inputAt(context, 0);
  const data = numbersOf(input);
  const record = outputRecord(context);
  const space = layout === "channels-first" ? [2, record.dims.length] : [1, record.dims.length - 1];
  const strideOf = record.dims.map((_, axis) =>
    axis >= (space[0] ?? 0) && axis < (space[1] ?? 0) ? (strides[axis - (space[0] ?? 0)] ?? 1) : 1,
  );
  return [
    filled(record, sizeOf(record.dims), (i) => {
      let [rest, from, step] = [i, 0, 1];
      for (let axis = record.dims.length - 1; axis >= 0; axis--) {
        const extent = record.dims[axis] ?? 1;
        const index = rest % extent;
        rest = (rest - index) / extent;
        const stride = strideOf[axis] ?? 1;
        const source = index / stride;
        const length = input.dims[axis] ?? 1;
        if (index % stride !== 0 || source >= length) return 0;
        from += source * step;
        step *= length;
      }
      return data[from] as number;
    }),
  ];
};
