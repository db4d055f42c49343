import { useRef } from "react";
import { StageNotice } from "../../app/StageNotice.tsx";
import { useSession, useStage, useStudio, useText } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { Button } from "../../widgets/Button.tsx";
import { shortReal } from "../../widgets/numbers.ts";
import { Facts, Note, Section } from "../../widgets/Section.tsx";

/** The offline model that a streaming one was made from: chosen as a file, compared frame by frame. */
export function TwinSection() {
  const { session, stages } = useStudio();
  const twin = useSession((s) => s.twin);
  const { result } = useStage("twin");
  // What another file answered is not told under this one's name.
  const report = stages.twin.answered?.twin === twin ? result : undefined;
  const input = useRef<HTMLInputElement>(null);
  const { t } = useText();
  // An output without a common frame says more than the error of another.
  const told =
    report?.outputs.find((o) => o.frames === 0) ??
    report?.outputs.reduce((a, b) => (b.maxRelative > a.maxRelative ? b : a));
  return (
    <Section
      title={t("twin.title")}
      extra={
        twin && report ? <Badge tone={report.verdict === "equal" ? "ok" : "bad"}>{twin.name}</Badge> : null
      }
    >
      <Note>{t("twin.intro")}</Note>
      <input
        ref={input}
        type="file"
        accept=".onnx"
        hidden
        data-testid="twin-file"
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          if (file) session.setState({ twin: { name: file.name, blob: file } });
          event.currentTarget.value = "";
        }}
      />
      <p>
        <Button onClick={() => input.current?.click()}>{t("twin.choose")}</Button>
      </p>
      <StageNotice name="twin" />
      {twin && report && told ? (
        <div data-testid="twin-report" data-verdict={report.verdict}>
          <p>
            {t(told.frames === 0 ? "twin.apart" : `twin.${report.verdict}`, {
              file: twin.name,
              error: shortReal(told.maxRelative),
              n: told.frames,
              frame: told.firstBadFrame,
              value: told.value,
              twin: told.twin,
            })}
          </p>
          <Facts
            facts={report.outputs.map((o) => [
              o.value,
              o.frames === 0
                ? t("twin.nothing")
                : `${shortReal(o.maxRelative)} · ${t("unit.frames", { n: o.frames })} · ${t("twin.delay", { n: o.delayFrames })}`,
            ])}
          />
        </div>
      ) : null}
    </Section>
  );
}
