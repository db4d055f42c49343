import { fail } from "../../../core/base/problem.ts";
import { decodeNpy } from "../../../core/format/npy/decode-npy.ts";
import { refuseOtherThanClip, sniff } from "../../../core/format/sniff.ts";
import { sliceAxis } from "../../../core/ir/axis.ts";
import type { Model, Shape, ValueInfo } from "../../../core/ir/graph.ts";
import { elements, type Tensor, tensorOf } from "../../../core/ir/tensor.ts";
import { realInputs } from "../../../core/ir/walk.ts";
import type { ClipSource } from "../../clips.ts";
import type { Sample } from "./observe-samples.ts";

/**
 * Whole inputs of a model with one input, from .npy files: a tensor of the input's rank is one sample, one axis more in front
 * holds several. Files by name in code units. Throws npy.*, `data.none`.
 */
export async function offlineSamples(sources: readonly ClipSource[], model: Model): Promise<Sample[]> {
  const [input, ...others] = realInputs(model.graph);
  const shape = input?.shape ?? [];
  const sorted = [...sources].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0));
  const samples: Sample[] = [];
  for (const source of sorted) {
    const { file } = source;
    const bytes = await source.bytes();
    refuseOtherThanClip(bytes, file);
    if (sniff(bytes, file) !== "npy") fail({ code: "data.notArray", file });
    const tensor = decodeNpy(bytes, file);
    if (!input || others.length > 0)
      return fail({ code: "npy.shape", file, shape: tensor.dims, expected: { code: "oneInput" } });
    samples.push(...samplesOf(tensor, shape, file).map((sample) => ({ [input.name]: sample })));
  }
  if (samples.length === 0) fail({ code: "data.none" });
  return samples;
}

function samplesOf(tensor: Tensor, shape: Shape, file: string): Tensor[] {
  const { dims } = tensor;
  const several = dims.length === shape.length + 1;
  const own = several ? dims.slice(1) : dims;
  const fits = own.length === shape.length && shape.every((d, i) => typeof d !== "number" || d === own[i]);
  if (!fits)
    fail({
      code: "npy.shape",
      file,
      shape: dims,
      expected: { code: "shape", dims: shape.map((d) => d ?? "?"), ...(several && { several }) },
    });
  const float = tensorOf(Float32Array.from(elements(tensor), Number), dims);
  if (!several) return [float];
  return Array.from({ length: dims[0] ?? 0 }, (_, i) => ({ ...sliceAxis(float, 0, i, i + 1), dims: own }));
}

/** The model with the dims of this sample in place of symbolic ones. Shapes inferred before are forgotten. */
export function atDimsOf(model: Model, sample: Sample): Model {
  const bound = (v: ValueInfo): ValueInfo => {
    const tensor = sample[v.name];
    return tensor ? { ...v, shape: tensor.dims } : v;
  };
  const outputs = model.graph.outputs.map(({ name, dtype }) => ({ name, ...(dtype && { dtype }) }));
  return {
    ...model,
    graph: { ...model.graph, inputs: model.graph.inputs.map(bound), outputs, values: new Map() },
  };
}
