import { byteLength, sizeOf } from "../ir/tensor.ts";
import { type Kernel, type Program, tensorIn } from "./program.ts";

/** Two values meant to live at once in one place of the runtime's memory. */
interface Overwrite {
  /** The kernel whose output took the memory of one of its inputs. */
  readonly kernel: Kernel;
  readonly input: string;
}

/** Ops whose output is their input's memory as it is. Source: esp-dl dl_module_*.hpp, MODULE_INPLACE_UNCHANGED_BUFFER. */
const VIEWS: ReadonlySet<string> = new Set(["Flatten", "Reshape", "Squeeze", "Unsqueeze", "Identity"]);

/** Ops that always write to memory of their own; all others write over an input. Source: MODULE_NON_INPLACE there. */
const APART: ReadonlySet<string> = new Set([
  ...["Conv", "Gemm", "MatMul", "Mul", "Sub", "Div", "Pow", "InsertZeros", "GRU", "LSTM", "StreamingCache"],
  ...["Concat", "Split", "Slice", "Pad", "Gather", "Transpose", "DepthToSpace", "SpaceToDepth", "Resize"],
  ...["MaxPool", "AveragePool", "GlobalAveragePool", "Softmax", "LogSoftmax"],
]);

/** What the runtime's memory manager knows of a value. */
export interface Place {
  readonly name: string;
  readonly bytes: number;
  /** The kernel that makes it; absent: an input of the graph. */
  readonly maker?: Kernel;
  /** Number of the kernel before which the memory is free; −1: never. */
  end: number;
  /** The value in whose memory it lies. */
  leader?: Place | undefined;
  writer?: Place | undefined;
  view?: Place | undefined;
}

/**
 * Follows the runtime's greedy memory manager through the program and finds the first value that is overwritten or freed while
 * a later kernel or the graph's output still needs it: a kernel that works in place looks for other readers of its input, but not
 * of what that is a view of. Source: esp-dl dl_memory_manager_greedy.cpp get_tensor_info_from_fbs.
 */
export function firstOverwrite(program: Program): Overwrite | undefined {
  const { kernels, places } = arenaPlaces(program);
  return overwritten(program, kernels, places) ?? freedEarly(program, kernels, places);
}

/** Nodes of the program's file in running order, and every value in memory by name. */
export interface ArenaPlaces {
  readonly kernels: readonly Kernel[];
  readonly places: ReadonlyMap<string, Place>;
}

/** Every value that a kernel makes or the graph takes, as the manager leaves them; `outside` are values that it does not know. */
export function arenaPlaces(program: Program, outside: ReadonlySet<string> = new Set()): ArenaPlaces {
  const inside = new Set(program.states.flatMap((s) => [s.input, s.output]));
  const kernels = program.kernels.filter((k) => !k.outputs.some((made) => inside.has(made)));
  return { kernels, places: linked(program, kernels, new Set([...inside, ...outside])) };
}

function linked(
  program: Program,
  kernels: readonly Kernel[],
  unknown: ReadonlySet<string>,
): ReadonlyMap<string, Place> {
  const outputs = new Set(program.outputs);
  const places = new Map<string, Place>();
  const bytesOf = (name: string): number => {
    const { dtype, dims } = tensorIn(program, name);
    return byteLength(dtype, sizeOf(dims));
  };
  for (const name of program.inputs)
    if (!unknown.has(name)) places.set(name, { name, bytes: bytesOf(name), end: -1 });
  for (const [i, kernel] of kernels.entries()) {
    const read = kernel.inputs.flatMap((name) => places.get(name) ?? []);
    for (const place of read) {
      unlinkWriter(place);
      if (!outputs.has(place.name)) prolong(place, i + 1);
    }
    const made = kernel.outputs.filter((name) => name !== "" && !unknown.has(name));
    for (const name of made) places.set(name, { name, bytes: bytesOf(name), maker: kernel, end: -1 });
    const own = places.get(made[0] ?? "");
    if (kernel.outputs.length !== 1 || !own || APART.has(kernel.op)) continue;
    const over = read.find((place) => place.bytes >= own.bytes && !outputs.has(place.name));
    if (over) link(own, over, VIEWS.has(kernel.op));
  }
  return places;
}

function link(own: Place, over: Place, isView: boolean): void {
  prolong(over, -1);
  if (!isView && over.view) return;
  own.leader = over;
  if (isView) over.view = own;
  else over.writer = own;
}

function unlinkWriter(place: Place): void {
  if (place.writer) place.writer.leader = undefined;
  place.writer = undefined;
}

function prolong(place: Place, end: number): void {
  if (place.leader) {
    prolong(place.leader, end);
    place.end = place.leader.end;
  } else place.end = end === -1 ? -1 : Math.max(place.end, end);
}

function rootOf(place: Place): Place {
  return place.leader ? rootOf(place.leader) : place;
}

/** Walks through the kernels with what every memory holds. */
function overwritten(
  program: Program,
  kernels: readonly Kernel[],
  places: ReadonlyMap<string, Place>,
): Overwrite | undefined {
  /** Memory → the value that was last written there. */
  const holds = new Map<Place, Place>();
  /** View → the value that it shows. */
  const shown = new Map<Place, Place>();
  const lost = (name: string): Overwrite | undefined => {
    const place = places.get(name);
    const holder = place && holds.get(rootOf(place));
    return place && holder && holder !== (shown.get(place) ?? place) ? inPlace(holder) : undefined;
  };
  for (const place of places.values()) if (!place.maker) holds.set(place, place);
  for (const kernel of kernels) {
    for (const name of kernel.inputs) {
      const found = lost(name);
      if (found) return found;
    }
    for (const name of kernel.outputs) {
      const place = places.get(name);
      if (!place) continue;
      if (place.leader && VIEWS.has(kernel.op)) shown.set(place, shown.get(place.leader) ?? place.leader);
      else holds.set(rootOf(place), place);
    }
  }
  return program.outputs.map(lost).find((found) => found !== undefined);
}

/** An output that shares its memory with a value whose last reader frees it. */
function freedEarly(
  program: Program,
  kernels: readonly Kernel[],
  places: ReadonlyMap<string, Place>,
): Overwrite | undefined {
  for (const name of program.outputs) {
    const place = places.get(name);
    const { end = -1 } = place ? rootOf(place) : {};
    if (place?.leader && end >= 0 && end < kernels.length) return inPlace(place);
  }
  return undefined;
}

function inPlace({ maker, leader }: Place): Overwrite {
  if (!maker || !leader) throw new Error("a value that is in nobody's place overwrote another");
  return { kernel: maker, input: leader.name };
}
