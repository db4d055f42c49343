import { fail } from "../base/problem.ts";
import { longTensor } from "../ir/tensor.ts";
import { firstOverwrite } from "./arena-links.ts";
import { type Kernel, type Program, type ProgramTensor, tensorIn } from "./program.ts";

/**
 * The program with copies in front of those kernels that would overwrite, in the runtime's memory, what others still read. A copy
 * is a Slice over everything: the runtime moves its integers as they are, to memory of their own. Numbers stay. Throws
 * `target.noKernel` for a value without axes.
 */
export function copyOverwritten(program: Program): Program {
  let safe = program;
  // Every copy settles one kernel for good.
  for (let i = 0; i <= program.kernels.length; i++) {
    const found = firstOverwrite(safe);
    if (!found) return safe;
    safe = withCopy(safe, found.kernel, found.input);
  }
  throw new Error("a copy did not settle the kernel that it stands before");
}

function withCopy(program: Program, reader: Kernel, name: string): Program {
  const source = tensorIn(program, name);
  const [extent] = source.dims;
  if (extent === undefined)
    return fail({ code: "target.noKernel", node: reader.name, op: reader.op, reason: "rank" });
  const copied = freeName(program, `${name}.copy`);
  const bounds = [
    ["starts", 0],
    ["ends", extent],
    ["along", 0],
    ["steps", 1],
  ] as const;
  const constants = bounds.map(([what, at]): ProgramTensor => {
    const data = longTensor([at]);
    return { name: freeName(program, `${copied}.${what}`), dtype: data.dtype, dims: data.dims, data };
  });
  const copy: Kernel = {
    name: `Slice:${copied}`,
    op: "Slice",
    inputs: [name, ...constants.map((c) => c.name)],
    outputs: [copied],
    attributes: {},
    form: { kind: "move" },
  };
  const rewired = { ...reader, inputs: reader.inputs.map((input) => (input === name ? copied : input)) };
  const made: ProgramTensor[] = [{ ...source, name: copied }, ...constants];
  return {
    ...program,
    tensors: new Map([...program.tensors, ...made.map((t) => [t.name, t] as const)]),
    kernels: program.kernels.flatMap((kernel) => (kernel === reader ? [copy, rewired] : [kernel])),
  };
}

function freeName({ tensors }: Program, base: string): string {
  let name = base;
  for (let i = 1; tensors.has(name); i++) name = `${base}.${i}`;
  return name;
}
