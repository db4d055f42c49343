import { type Attribute, intAttribute, intsAttribute } from "../../ir/graph.ts";
import { longTensor, type Tensor } from "../../ir/tensor.ts";
import type { Kernel, ProgramTensor } from "../program.ts";

/** Channels that stand side by side in a filter of the chip: 16 bytes' worth, or 0 where nothing is grouped. */
export type FilterBlock = 0 | 8 | 16;

export function filterBlock(dtype: string, vectorBytes: 0 | 16): FilterBlock {
  return vectorBytes === 0 ? 0 : dtype === "int16" ? 8 : 16;
}

/** The movements that put an activation in the order of a filter, and the tensors that they make; `packed` is the last. */
export interface PackedActivation {
  readonly kernels: readonly Kernel[];
  readonly tensors: readonly ProgramTensor[];
  readonly packed: string;
}

/**
 * MatMul reads its second operand as a filter: an activation […, C, N] has to be brought into that order by the graph itself, its
 * dims staying as they are. Whole blocks of channels as […, N/block, C, block], the rest behind them as […, n, C].
 * Source: esp-ppq 1.3.5, parser/espdl/export_patterns.py 217–321.
 */
export function packActivation(source: ProgramTensor, block: FilterBlock): PackedActivation {
  return new Packer(source).pack(block);
}

class Packer {
  private readonly source: ProgramTensor;
  private readonly kernels: Kernel[] = [];
  private readonly tensors: ProgramTensor[] = [];

  constructor(source: ProgramTensor) {
    this.source = source;
  }

  pack(block: FilterBlock): PackedActivation {
    const { source } = this;
    const { dims } = source;
    const batch = dims.slice(0, -2);
    const [depth = 1, columns = 1] = dims.slice(-2);
    const whole = block === 0 ? 0 : columns - (columns % block);
    const last = batch.length;
    const blocks = (from: ProgramTensor): ProgramTensor => {
      const split = this.reshape(from, [...batch, depth, whole / block, block]);
      return this.transpose(split, [...batch.keys(), last + 1, last, last + 2]);
    };
    const rows = (from: ProgramTensor): ProgramTensor =>
      this.transpose(from, [...batch.keys(), last + 1, last]);
    let packed: ProgramTensor;
    if (whole === 0) packed = rows(source);
    else if (whole === columns) packed = blocks(source);
    else {
      const grouped = this.reshape(blocks(this.columns(source, 0, whole)), [...batch, depth * whole]);
      const single = this.reshape(rows(this.columns(source, whole, columns)), [
        ...batch,
        depth * (columns - whole),
      ]);
      packed = this.make("Concat", [grouped, single], [...batch, depth * columns], {
        axis: intAttribute(last),
      });
    }
    const { name } = this.reshape(packed, dims);
    return { kernels: this.kernels, tensors: this.tensors, packed: name };
  }

  private reshape(from: ProgramTensor, dims: readonly number[]): ProgramTensor {
    return this.make("Reshape", [from, this.constant("shape", longTensor([...dims]))], dims, {});
  }

  private transpose(from: ProgramTensor, perm: readonly number[]): ProgramTensor {
    const dims = perm.map((axis) => from.dims[axis] ?? 1);
    return this.make("Transpose", [from], dims, { perm: intsAttribute(perm) });
  }

  private columns(from: ProgramTensor, start: number, end: number): ProgramTensor {
    const axis = from.dims.length - 1;
    const bounds = [start, end, axis, 1].map((value, i) =>
      this.constant(["starts", "ends", "axes", "steps"][i] ?? "bound", longTensor([value])),
    );
    return this.make("Slice", [from, ...bounds], [...from.dims.slice(0, -1), end - start], {});
  }

  private constant(role: string, data: Tensor): ProgramTensor {
    const name = `${this.source.name}.filter.${role}.${this.tensors.length}`;
    const tensor = { name, dtype: data.dtype, dims: data.dims, data };
    this.tensors.push(tensor);
    return tensor;
  }

  private make(
    op: string,
    inputs: readonly ProgramTensor[],
    dims: readonly number[],
    attributes: Readonly<Record<string, Attribute>>,
  ): ProgramTensor {
    const name = `${this.source.name}.filter.${this.tensors.length}`;
    const made = { ...this.source, name, dims };
    this.tensors.push(made);
    const names = inputs.map((t) => t.name);
    this.kernels.push({
      name: `${op}:${name}`,
      op,
      inputs: names,
      outputs: [name],
      attributes,
      form: { kind: "move" },
    });
    return made;
  }
}
