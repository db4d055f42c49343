import type { Kernel, ProgramTensor } from "../program.ts";
import { inputOf, type NodeView, outputOf, refused } from "./node-view.ts";
import { constantNumbers, fromFront, indices, isConcrete, kernelOf, type Spelled } from "./spelling.ts";

/** What a Slice takes along one axis: `from` the first element to behind the last one, −1 behind the first of all. */
interface Cut {
  readonly axis: number;
  readonly extent: number;
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/**
 * Bounds within the value, on named axes: the runtime clamps neither a start nor the bounds of a walk backwards. It counts these from
 * the other end, so that a walk backwards that leaves out more on one side is made of a walk forwards and a turn of what that gives.
 */
export function sliceKernels(view: NodeView, outputs: readonly string[]): Spelled {
  const kernel = kernelOf(view, outputs, { kind: "move" });
  const [x, y] = [inputOf(view, 0), outputOf(view)];
  const cuts = cutsOf(view);
  if (!cuts) return { kernels: [kernel], tensors: [] };
  // It walks at least one step.
  if (cuts.some((cut) => taken(cut) <= 0)) return refused("attribute");
  if (cuts.every(isTurnedWhole)) return sliced(kernel, x.name, y.name, cuts);
  const ahead: ProgramTensor = { ...y, name: `${y.name}.ahead` };
  const first = sliced({ ...kernel, name: `${kernel.name}.ahead` }, x.name, ahead.name, cuts.map(forwards));
  const back = cuts.filter(({ step }) => step < 0).map(turned);
  const second = sliced(kernel, ahead.name, y.name, back);
  return {
    kernels: [...first.kernels, ...second.kernels],
    tensors: [...first.tensors, ahead, ...second.tensors],
  };
}

/** Undefined while an extent is unknown. */
function cutsOf(view: NodeView): Cut[] | undefined {
  const { dims } = inputOf(view, 0);
  const [starts = [], ends = []] = [constantNumbers(view, 1), constantNumbers(view, 2)];
  const axes = (constantNumbers(view, 3) ?? starts.map((_, i) => i)).map((a) => fromFront(a, dims.length));
  const steps = constantNumbers(view, 4) ?? [];
  if (!isConcrete(axes.map((axis) => dims[axis] ?? Number.NaN))) return undefined;
  const clamp = (at: number, low: number, high: number): number => Math.min(high, Math.max(low, at));
  return axes.map((axis, i): Cut => {
    const [extent, step] = [dims[axis] ?? 1, steps[i] ?? 1];
    const place = (at = 0): number => (at < 0 ? at + extent : at);
    const [from, to] = [place(starts[i]), place(ends[i])];
    const [low, high] = step > 0 ? [0, extent] : [-1, extent - 1];
    return { axis, extent, step, from: clamp(from, Math.max(0, low), high), to: clamp(to, low, high) };
  });
}

const taken = ({ from, to, step }: Cut): number => Math.ceil((to - from) / step);

const lastOf = (cut: Cut): number => cut.from + (taken(cut) - 1) * cut.step;

/** Whether the runtime takes what ONNX takes: backwards only where as much is left out before as behind. Source: dl_tensor_base.cpp _slice. */
function isTurnedWhole(cut: Cut): boolean {
  return cut.step > 0 || cut.from + lastOf(cut) === cut.extent - 1;
}

function forwards(cut: Cut): Cut {
  return cut.step > 0 ? cut : { ...cut, from: lastOf(cut), to: cut.from + 1, step: -cut.step };
}

function turned(cut: Cut): Cut {
  const extent = taken(cut);
  return { axis: cut.axis, extent, from: extent - 1, to: -1, step: -1 };
}

function sliced(
  kernel: Kernel,
  input: string,
  output: string,
  cuts: readonly Cut[],
): { readonly kernels: readonly Kernel[]; readonly tensors: readonly ProgramTensor[] } {
  const tensors = [
    indices(
      `${output}.starts`,
      cuts.map(({ from }) => from),
    ),
    indices(
      `${output}.ends`,
      // Before the first element, counted from the end.
      cuts.map(({ to, extent }) => (to < 0 ? -extent - 1 : to)),
    ),
    indices(
      `${output}.along`,
      cuts.map(({ axis }) => axis),
    ),
    indices(
      `${output}.steps`,
      cuts.map(({ step }) => step),
    ),
  ];
  const inputs = [input, ...tensors.map((t) => t.name)];
  return { kernels: [{ ...kernel, inputs, outputs: [output], attributes: {} }], tensors };
}
