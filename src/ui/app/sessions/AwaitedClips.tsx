import { Note, Section } from "../../widgets/Section.tsx";
import { useSession, useText } from "../studio-context.ts";

/** Clips of the restored session that are not here. */
export function AwaitedClips() {
  const clips = useSession((s) => s.awaitedClips);
  const { t, bytes } = useText();
  if (clips.length === 0) return null;
  return (
    <Section title={t("sessions.awaitsClips", { n: clips.length })}>
      <ul data-testid="awaited-clips">
        {clips.map(({ file }) => (
          <li key={file.name}>
            {file.name} · {bytes(file.bytes)}
          </li>
        ))}
      </ul>
      <Note>{t("sessions.awaitsClipsHint")}</Note>
    </Section>
  );
}
