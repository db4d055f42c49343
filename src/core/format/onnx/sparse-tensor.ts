import type { FileDetail } from "../../base/detail.ts";
import { fail } from "../../base/problem.ts";
import { byteLength, longs, sizeOf, type Tensor } from "../../ir/tensor.ts";
import { tensorOfProto } from "./decode-tensor.ts";
import type { SparseTensorProto } from "./onnx_pb.ts";

/** Largest dense form that is made of a sparse initializer, bytes: beyond it the file is taken for broken. */
const LARGEST_BYTES = 2 ** 31 - 1;

/**
 * Dense form of a sparse tensor whose indices are linear `[n]` or coordinates `[n, rank]` (ONNX SparseTensorProto);
 * its `extra` keeps the record, so that an untouched tensor is written sparse again. Throws `model.malformed`.
 */
export function denseOfSparse(proto: SparseTensorProto, file: Uint8Array): Tensor {
  const { values: valuesProto, indices: indicesProto } = proto;
  const name = valuesProto?.name ?? "";
  const malformed = (what: FileDetail): never => fail({ code: "model.malformed", offset: 0, what });
  if (!valuesProto || !indicesProto) return malformed({ code: "sparseAbsent", name });
  const values = tensorOfProto(valuesProto, file);
  const indices = tensorOfProto(indicesProto, file);
  const dims = proto.dims.map(Number);
  const size = sizeOf(dims);
  const width = byteLength(values.dtype, 1);
  if (indices.dtype !== "int64") return malformed({ code: "sparseIndexType", name, dtype: indices.dtype });
  if (values.dtype === "string" || byteLength(values.dtype, 2) !== 2 * width) {
    return malformed({ code: "sparseValueType", name, dtype: values.dtype });
  }
  if (dims.some((d) => d < 0) || !(size * width <= LARGEST_BYTES))
    return malformed({ code: "dims", name, dims: dims.join("×") });

  const dense = new Uint8Array(size * width);
  const at = longs(indices);
  const count = sizeOf(values.dims);
  const perValue = indices.dims.length === 2 ? dims.length : 1;
  if (at.length !== count * perValue)
    return malformed({ code: "sparseCount", name, indices: at.length, values: count });
  for (let i = 0; i < count; i++) {
    let linear = 0;
    for (let k = 0; k < perValue; k++) {
      const index = Number(at[i * perValue + k]);
      const bound = perValue === 1 ? size : (dims[k] ?? 0);
      if (index < 0 || index >= bound) return malformed({ code: "sparseIndex", name, index, bound });
      linear = perValue === 1 ? index : linear * bound + index;
    }
    dense.set(values.bytes.subarray(i * width, (i + 1) * width), linear * width);
  }
  return { dtype: values.dtype, dims, bytes: dense, extra: { sparse: { proto, dense } } };
}
