import { setFeatures } from "../../../state/document.ts";
import { chooseClip, previewClip, removeClip } from "../../../state/session.ts";
import { openDrawer } from "../../../state/view.ts";
import { StageNotice } from "../../app/StageNotice.tsx";
import { AwaitedClips } from "../../app/sessions/AwaitedClips.tsx";
import { usePlanOf, useResult, useSession, useShell, useStudio, useText } from "../../app/studio-context.ts";
import { Button } from "../../widgets/Button.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { Note, Section } from "../../widgets/Section.tsx";
import { ClipList } from "./ClipList.tsx";
import { FeatureForm } from "./FeatureForm.tsx";
import { clipRows, usedSeconds } from "./rows.ts";

/** Which clips are used, and how they become the model's input. */
export function AudioPanel() {
  const studio = useStudio();
  const shell = useShell();
  const plan = usePlanOf("features");
  const clips = useSession((s) => s.clips);
  const previewed = useSession((s) => s.previewed);
  const inspections = useResult("inspect");
  const defaults = useResult("analyse")?.defaultFeatures ?? {};
  const { t, duration } = useText();
  const rows = clipRows(clips, inspections);
  return (
    <>
      <Note>{t("audio.intro")}</Note>
      <div>
        <Button look={rows.length === 0 ? "primary" : "normal"} onClick={() => shell.pickFiles()}>
          <Icon name="folder" />
          {t("audio.add")}
        </Button>
      </div>
      <AwaitedClips />
      <StageNotice name="inspect" />
      {rows.length > 0 ? (
        <Section
          title={t("audio.clips", { n: rows.length, time: duration(usedSeconds(rows)) })}
          extra={
            <Button look="quiet" onClick={() => openDrawer(studio.view, "audio")}>
              {t("audio.details")}
            </Button>
          }
        >
          <ClipList
            rows={rows}
            previewed={previewed}
            onPreview={(file) => {
              previewClip(studio.session, file);
              openDrawer(studio.view, "audio");
            }}
            onUse={(file, used) => chooseClip(studio.session, file, used)}
            onRemove={(file) => removeClip(studio.session, file)}
          />
        </Section>
      ) : null}
      {Object.entries(plan.features).map(([input, settings]) => (
        <FeatureForm
          key={input}
          input={input}
          settings={settings}
          inferred={defaults[input]}
          onChange={(next) => setFeatures(studio.document, input, next)}
        />
      ))}
    </>
  );
}
