import type { ClipInspection, NamedBlob } from "../../worker/protocol.ts";
import type { Clip } from "../session.ts";

/** Gives back the earlier list while the elements are the same, so that nothing downstream sees a change. */
export function stableList<T>(): (list: readonly T[]) => readonly T[] {
  let last: readonly T[] = [];
  return (list) => {
    const same = list.length === last.length && list.every((item, i) => Object.is(item, last[i]));
    if (!same) last = list;
    return last;
  };
}

/** Files of the clips that are switched on and could be read. */
export function usableClips(
  clips: readonly Clip[],
  inspections: readonly ClipInspection[] | undefined,
): readonly NamedBlob[] {
  const readable = new Set((inspections ?? []).flatMap((i) => ("summary" in i ? [i.file] : [])));
  return clips.filter((clip) => clip.used && readable.has(clip.file.name)).map((clip) => clip.file);
}
