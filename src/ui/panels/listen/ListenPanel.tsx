import { useEffect } from "react";
import { listenTo } from "../../../state/session.ts";
import { StageNotice } from "../../app/StageNotice.tsx";
import { useResult, useSession, useStage, useStudio, useText } from "../../app/studio-context.ts";
import { SelectField } from "../../widgets/Field.tsx";
import { Note } from "../../widgets/Section.tsx";
import css from "./ListenPanel.module.css";
import { Tracks } from "./Tracks.tsx";

/** A clip through the model, heard as float, streaming, quantized and difference. */
export function ListenPanel() {
  const { session } = useStudio();
  const { t } = useText();
  const ready = useStage("listen").ready;
  const answer = useResult("listen");
  const clips = useSession((s) => s.clips);
  const previewed = useSession((s) => s.previewed);
  const choice = useSession((s) => s.listening);
  // Rendered only while it is looked at.
  useEffect(() => {
    const clip = previewed ?? clips.find((c) => c.used)?.file;
    listenTo(session, clip && { clip });
    return () => listenTo(session, undefined);
  }, [session, clips, previewed]);
  if (!ready && !answer) return <Note>{t("listen.first")}</Note>;
  const listening = answer?.listening;
  const heard = answer?.audible.find((a) => a.output === listening?.output);
  return (
    <div className={css.panel} data-testid="listen">
      <StageNotice name="listen" />
      {answer && !listening ? <Note>{t("listen.none")}</Note> : null}
      {listening && choice ? (
        <>
          <div className={css.choices}>
            <SelectField
              label={t("listen.clip")}
              value={choice.clip.name}
              options={clips.map(({ file }) => ({ id: file.name, label: file.name }))}
              onChange={(name) => {
                const clip = clips.find((c) => c.file.name === name)?.file;
                if (clip) listenTo(session, { ...choice, clip });
              }}
            />
            {answer.audible.length > 1 ? (
              <SelectField
                label={t("listen.output")}
                value={listening.output}
                options={answer.audible.map(({ output }) => ({ id: output, label: output }))}
                onChange={(output) => listenTo(session, { clip: choice.clip, output })}
              />
            ) : null}
            {heard && heard.forms.length > 1 ? (
              <SelectField
                label={t("listen.form")}
                value={listening.form}
                options={heard.forms.map((id) => ({ id, label: t(`listen.form.${id}`) }))}
                onChange={(form) => listenTo(session, { clip: choice.clip, output: heard.output, form })}
              />
            ) : null}
          </div>
          {listening.cutAtSeconds === undefined ? null : (
            <Note>{t("listen.part", { seconds: listening.cutAtSeconds })}</Note>
          )}
          <Tracks key={`${listening.file} ${listening.output} ${listening.form}`} listening={listening} />
        </>
      ) : null}
    </div>
  );
}
