import { intAttribute, stringAttribute } from "../../ir/graph.ts";
import { inputOf, outputOf, refused } from "./node-view.ts";
import {
  constantNumbers,
  constantTensor,
  fromFront,
  indices,
  isConcrete,
  kernelOf,
  type Spelling,
} from "./spelling.ts";

/** Sizes of all parts: without them the runtime takes the number of outputs for the size of one. Source: dl_module_split.hpp. */
export const splitKernels: Spelling = (view, outputs, form) => {
  const kernel = kernelOf(view, outputs, form);
  const { dims } = inputOf(view, 0);
  const axis = fromFront(view.attributes.int("axis", 0), dims.length);
  const sizes = constantNumbers(view, 1) ?? view.outputs.map((o) => o.dims[axis] ?? Number.NaN);
  if (!isConcrete(sizes)) return { kernels: [kernel], tensors: [] };
  if (sizes.length !== outputs.length) return refused("attribute");
  const parts = indices(`${outputs[0]}.sizes`, sizes);
  const inputs = [kernel.inputs[0] ?? "", parts.name];
  return { kernels: [{ ...kernel, inputs, attributes: { axis: intAttribute(axis) } }], tensors: [parts] };
};

/** Axes from the front: the runtime counts those from the end without the axes that are put in. Source: dl_module_unsqueeze.hpp. */
export const squeezeKernels: Spelling = (view, outputs, form) => {
  const kernel = kernelOf(view, outputs, form);
  const [x, y] = [inputOf(view, 0), outputOf(view)];
  const rank = view.node.op === "Squeeze" ? x.dims.length : y.dims.length;
  const ones = x.dims.flatMap((d, axis) => (d === 1 ? [axis] : []));
  const given = constantNumbers(view, 1) ?? ones;
  const axes = indices(
    `${y.name}.axes`,
    given.map((axis) => fromFront(axis, rank)),
  );
  return { kernels: [{ ...kernel, inputs: [x.name, axes.name], attributes: {} }], tensors: [axes] };
};

/** Pads of every axis and a mode: the runtime reads no list of axes and has no default mode. Source: dl_module_pad.hpp. */
export const padKernels: Spelling = (view, outputs, form) => {
  const kernel = kernelOf(view, outputs, form);
  const [x, y] = [inputOf(view, 0), outputOf(view)];
  const rank = x.dims.length;
  const given = constantNumbers(view, 1) ?? [];
  const axes = (constantNumbers(view, 3) ?? x.dims.map((_, i) => i)).map((a) => fromFront(a, rank));
  const pads = new Array<number>(2 * rank).fill(0);
  for (const [i, axis] of axes.entries()) {
    pads[axis] = given[i] ?? 0;
    pads[axis + rank] = given[i + axes.length] ?? 0;
  }
  // It would copy the whole value and run over the end of the smaller one.
  if (pads.some((p) => p < 0)) return refused("attribute");
  const mode = view.attributes.string("mode", "constant");
  const padding = indices(`${y.name}.pads`, pads);
  const value = mode === "constant" ? view.inputs[2] : undefined;
  const inputs = [x.name, padding.name, ...(value ? [value.name] : [])];
  return {
    kernels: [{ ...kernel, inputs, attributes: { mode: stringAttribute(mode) } }],
    tensors: [padding],
  };
};

/** Places from the front, and never a scalar: where ONNX drops the axis, a Squeeze does. Source: dl_module_gather.hpp. */
export const gatherKernels: Spelling = (view, outputs, form) => {
  const kernel = kernelOf(view, outputs, form);
  const [x, places, y] = [inputOf(view, 0), inputOf(view, 1), outputOf(view)];
  const axis = fromFront(view.attributes.int("axis", 0), x.dims.length);
  const given = constantNumbers(view, 1) ?? [];
  const extent = x.dims[axis] ?? Number.NaN;
  const picked = given.map((i) => (i < 0 && Number.isInteger(extent) ? i + extent : i));
  const data = indices(`${y.name}.places`, picked);
  const attributes = { axis: intAttribute(axis) };
  if (places.dims.length > 0) {
    const shaped = data.data ? { ...data.data, dims: places.dims } : undefined;
    const own = shaped ? constantTensor(data.name, shaped) : data;
    return { kernels: [{ ...kernel, inputs: [x.name, own.name], attributes }], tensors: [own] };
  }
  const kept = {
    ...y,
    name: `${y.name}.kept`,
    dims: x.dims.map((d, i) => (i === axis ? 1 : d)),
  };
  const axes = indices(`${y.name}.axes`, [axis]);
  return {
    kernels: [
      { ...kernel, inputs: [x.name, data.name], outputs: [kept.name], attributes },
      {
        name: `${kernel.name}.squeeze`,
        op: "Squeeze",
        inputs: [kept.name, axes.name],
        outputs,
        attributes: {},
        form: { kind: "move" },
      },
    ],
    tensors: [data, kept, axes],
  };
};
