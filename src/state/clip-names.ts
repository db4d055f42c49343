import type { NamedBlob } from "../worker/protocol.ts";

/** A file as it was dropped, with its way from the dropped folder. */
export interface DroppedFile extends NamedBlob {
  readonly path?: string;
}

/**
 * New clips under names of their own, since a clip is known by its name everywhere. Clips of the same name from different
 * folders of one drop are told apart by their paths; what is still the same is numbered, unless it is the very clip
 * that is there already.
 */
export async function nameClips(
  present: readonly NamedBlob[],
  dropped: readonly DroppedFile[],
): Promise<readonly NamedBlob[]> {
  const count = new Map<string, number>();
  for (const { name } of dropped) count.set(name, (count.get(name) ?? 0) + 1);
  const known = new Map(present.map((clip) => [clip.name, clip.blob]));
  const named = new Map<string, NamedBlob>();
  for (const { name, path, blob } of dropped) {
    const wanted = (count.get(name) ?? 0) > 1 ? (path ?? name) : name;
    for (let n = 1; ; n++) {
      const candidate = n === 1 ? wanted : numbered(wanted, n);
      const there = known.get(candidate);
      if (named.has(candidate) || (there && !(await sameBytes(there, blob)))) continue;
      named.set(candidate, { name: candidate, blob });
      break;
    }
  }
  return [...named.values()];
}

/** "a.wav", 2 → "a (2).wav". */
function numbered(name: string, n: number): string {
  return name.replace(/(\.\w+)?$/, (ending) => ` (${n})${ending}`);
}

/** A file that cannot be read any more is like no other. */
async function sameBytes(a: Blob, b: Blob): Promise<boolean> {
  if (a.size !== b.size) return false;
  const both = await Promise.all([a.arrayBuffer(), b.arrayBuffer()]).catch((error: unknown) => {
    if (error instanceof DOMException) return [];
    throw error;
  });
  const [left, right] = both.map((x) => new Uint8Array(x));
  return left?.every((byte, i) => byte === right?.[i]) ?? false;
}
