import { addNotice, type Clip } from "../session.ts";
import type { Studio } from "../studio.ts";

/**
 * Clips that a restored session awaits are known by their content: such a file gets its saved name, place and use back. One
 * that has the name of an awaited clip and other content is said to differ.
 */
export function recogniseClips(studio: Studio): void {
  studio.session.subscribe((now, before) => {
    if (now.awaitedClips.length === 0) return;
    if (now.clips !== before.clips || now.awaitedClips !== before.awaitedClips) void recognise(studio);
  });
}

async function recognise({ session, identities }: Studio): Promise<void> {
  const asked = session.getState();
  const hashed = await Promise.all(
    asked.clips.map(async (clip) => ({ clip, sha256: await identities.hash(clip.file.blob) })),
  );
  const { clips, awaitedClips, previewed, restored } = session.getState();
  // A later change of either list asks again.
  if (clips !== asked.clips || awaitedClips !== asked.awaitedClips) return;
  const found = new Map<Clip, Clip>();
  const open = awaitedClips.filter(({ file, used }) => {
    const hit = hashed.find((h) => h.sha256 === file.sha256 && !found.has(h.clip));
    if (hit) found.set(hit.clip, { file: { name: file.name, blob: hit.clip.file.blob }, used });
    return !hit;
  });
  for (const { clip } of hashed) {
    const differs = !found.has(clip) && open.some(({ file }) => file.name === clip.file.name);
    if (differs) addNotice(session, { code: "session.otherClip", file: clip.file.name });
  }
  if (found.size === 0) return;
  const order = new Map(restored?.clips.map(({ file }, i) => [file.name, i]));
  const place = ({ file }: Clip) => order.get(file.name) ?? order.size;
  const next = clips.map((clip) => found.get(clip) ?? clip).sort((a, b) => place(a) - place(b));
  const shown = next.find((clip) => clip.file.blob === previewed?.blob) ?? next[0];
  session.setState({ clips: next, awaitedClips: open, ...(shown && { previewed: shown.file }) });
}
