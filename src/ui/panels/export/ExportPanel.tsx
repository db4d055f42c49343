import { commandOf } from "../../../state/commands/list.ts";
import { NeedNote } from "../../app/NeedNote.tsx";
import { StageNotice } from "../../app/StageNotice.tsx";
import { useRun, useStage, useText } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { Button } from "../../widgets/Button.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { Note, Section } from "../../widgets/Section.tsx";
import { DownloadLink } from "./DownloadLink.tsx";
import css from "./ExportPanel.module.css";
import { FileTree } from "./FileTree.tsx";
import { checkCounts } from "./rows.ts";

/** Builds the package, shows what is in it and how far each file was checked, and hands it over. */
export function ExportPanel() {
  const run = useRun();
  const stage = useStage("package");
  const { t, bytes } = useText();
  const { result } = stage;
  const counts = result ? checkCounts(result.report) : undefined;
  const worst = counts?.failed[0];
  return (
    <>
      {result ? null : <Note>{t("export.intro")}</Note>}
      {stage.status === "running" ? null : <NeedNote stage="package" />}
      {stage.status === "running" ? null : (
        <Button
          look={result && !stage.stale ? "normal" : "primary"}
          disabled={!stage.ready}
          data-testid="start-package"
          onClick={() => run(commandOf("package"))}
        >
          {t(result ? "export.again" : "command.package")}
        </Button>
      )}
      <StageNotice name="package" />
      {result && counts ? (
        <>
          <p className={css.verdict} data-testid="package-verdict">
            <Badge tone={result.report.verified ? "ok" : "bad"}>
              <Icon name={result.report.verified ? "check" : "warn"} size={12} />
              {t(result.report.verified ? "export.verified" : "export.blocked")}
            </Badge>
            {t("export.checks", { n: counts.passed })}
          </p>
          {worst ? <Note>{t("export.worst", { file: worst.file, name: worst.name })}</Note> : null}
          {result.zip && result.report.verified ? (
            <DownloadLink fileName={result.report.fileName} bytes={result.zip} stale={stage.stale}>
              <Icon name="download" />
              <span>
                {t("export.download", { size: bytes(result.zip.byteLength) })}
                <small>{result.report.fileName}</small>
              </span>
            </DownloadLink>
          ) : null}
          <Section title={t("export.files", { n: result.report.files.length })}>
            <FileTree files={result.report.files} />
          </Section>
        </>
      ) : null}
      <Button look="quiet" onClick={() => run(commandOf("savePlan"))}>
        <Icon name="file" />
        {t("command.savePlan")}
      </Button>
      <Button look="quiet" onClick={() => run(commandOf("openPlan"))}>
        <Icon name="folder" />
        {t("command.openPlan")}
      </Button>
    </>
  );
}
