import { arenaPlaces, type Place } from "./arena-links.ts";
import type { Program } from "./program.ts";

const ALIGNMENT = 16;

/** A piece of the arena; `owner` is absent where it is free. */
interface Chunk {
  from: number;
  bytes: number;
  owner?: Place | undefined;
}

/**
 * The memory that the runtime allocates for the activations of one model, in bytes: its greedy manager replayed, with everything in
 * one kind of RAM. `kept` are values that live elsewhere. Source: esp-dl dl_memory_manager_greedy.cpp simulate, alloc_tensor,
 * free_tensor.
 */
export function arenaBytes(program: Program, kept: ReadonlySet<string> = new Set()): number {
  const { kernels, places } = arenaPlaces(program, kept);
  const [begins, ends] = [kernels.map((): Place[] => []), kernels.map((): Place[] => [])];
  const number = new Map(kernels.map((kernel, i) => [kernel, i]));
  // Of one moment, in the order in which nodes name them; what none reads is not there.
  for (const name of new Set(kernels.flatMap((kernel) => [...kernel.inputs, ...kernel.outputs]))) {
    const place = places.get(name);
    if (!place || place.leader) continue;
    begins[place.maker ? (number.get(place.maker) ?? 0) : 0]?.push(place);
    ends[place.end]?.push(place);
  }
  const arena = new Arena();
  for (const [i, begun] of begins.entries()) {
    for (const place of ends[i] ?? []) arena.free(place);
    for (const place of begun) arena.take(place);
  }
  return arena.bytes;
}

class Arena {
  /** By address. */
  private readonly chunks: Chunk[] = [];
  /** By size; of one size, those first that have been free for longer. */
  private vacant: Chunk[] = [];

  get bytes(): number {
    const last = this.chunks.at(-1);
    return last ? last.from + last.bytes : 0;
  }

  /** The smallest free chunk that holds it; else the end, where a free last chunk grows. */
  take(owner: Place): void {
    const bytes = Math.ceil(owner.bytes / ALIGNMENT) * ALIGNMENT;
    const chunk = this.vacant.find((c) => c.bytes >= bytes) ?? this.atEnd(bytes);
    chunk.owner = owner;
    this.vacant = this.vacant.filter((c) => c !== chunk);
    const rest = chunk.bytes - bytes;
    if (rest === 0) return;
    chunk.bytes = bytes;
    const behind: Chunk = { from: chunk.from + bytes, bytes: rest };
    this.chunks.splice(this.chunks.indexOf(chunk) + 1, 0, behind);
    this.release(behind);
  }

  private atEnd(bytes: number): Chunk {
    const last = this.chunks.at(-1);
    if (last && !last.owner) {
      last.bytes = bytes;
      return last;
    }
    const chunk: Chunk = { from: this.bytes, bytes };
    this.chunks.push(chunk);
    return chunk;
  }

  free(owner: Place): void {
    const at = this.chunks.findIndex((chunk) => chunk.owner === owner);
    const chunk = this.chunks[at];
    if (!chunk) return;
    chunk.owner = undefined;
    for (const neighbour of [this.chunks[at + 1], this.chunks[at - 1]]) {
      if (!neighbour || neighbour.owner) continue;
      chunk.bytes += neighbour.bytes;
      chunk.from = Math.min(chunk.from, neighbour.from);
      this.chunks.splice(this.chunks.indexOf(neighbour), 1);
      this.vacant.splice(this.vacant.indexOf(neighbour), 1);
    }
    this.release(chunk);
  }

  private release(chunk: Chunk): void {
    this.vacant.push(chunk);
    this.vacant.sort((a, b) => a.bytes - b.bytes);
  }
}
