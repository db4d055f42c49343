import { chooseClip, previewClip } from "../../../state/session.ts";
import { StageNotice } from "../../app/StageNotice.tsx";
import { useResult, useSession, useStudio, useText } from "../../app/studio-context.ts";
import { Note } from "../../widgets/Section.tsx";
import css from "./AudioPanel.module.css";
import { ClipPicture } from "./ClipPicture.tsx";
import { ClipTable } from "./ClipTable.tsx";
import { clipRows } from "./rows.ts";

/** The drawer's side of the audio step: every fact of every clip, and a picture of one. */
export function AudioDetails() {
  const studio = useStudio();
  const clips = useSession((s) => s.clips);
  const previewed = useSession((s) => s.previewed);
  const rows = clipRows(clips, useResult("inspect"));
  const preview = useResult("preview");
  const { t } = useText();
  if (rows.length === 0) return <Note>{t("needs.clips")}</Note>;
  return (
    <div className={css.details}>
      <ClipTable
        rows={rows}
        previewed={previewed}
        onPreview={(file) => previewClip(studio.session, file)}
        onUse={(file, used) => chooseClip(studio.session, file, used)}
      />
      <div className={css.preview}>
        <StageNotice name="preview" />
        {preview ? <ClipPicture preview={preview} name={previewed?.name ?? ""} /> : null}
      </div>
    </div>
  );
}
