import type { PackageFile } from "../../../engine/reports.ts";
import { useText } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import css from "./ExportPanel.module.css";
import { folderRows } from "./rows.ts";

const TONES = { executed: "ok", loaded: "accent" } as const;

/** What was executed or loaded says so; of the many that are only well-formed a tick is enough. */
function Check({ check }: Pick<PackageFile, "check">) {
  const { t } = useText();
  const word = t(`check.${check}`);
  if (check !== "well-formed") return <Badge tone={TONES[check]}>{word}</Badge>;
  return (
    <span className={css.tick} title={word}>
      <Icon name="check" size={14} />
      <span className="visually-hidden">{word}</span>
    </span>
  );
}

/** Files of the package with sizes and how far each was checked. */
export function FileTree({ files }: { readonly files: readonly PackageFile[] }) {
  const { bytes } = useText();
  return (
    <ul className={css.tree} data-testid="package-files">
      {folderRows(files).map((folder) => (
        <li key={folder.folder}>
          {folder.folder === "" ? null : (
            <p className={css.folder}>
              <Icon name="folder" />
              <span>{folder.folder}/</span>
              <span className={css.size}>{bytes(folder.bytes)}</span>
            </p>
          )}
          <ul className={folder.folder === "" ? undefined : css.inside}>
            {folder.files.map((file) => (
              <li key={file.path} className={css.file} title={`${file.name}\nSHA-256 ${file.sha256}`}>
                <Icon name="file" size={14} />
                <span className={css.name}>{file.name}</span>
                <span className={css.facts}>
                  <Check check={file.check} />
                  <span className={css.size}>{bytes(file.bytes)}</span>
                </span>
              </li>
            ))}
          </ul>
        </li>
      ))}
    </ul>
  );
}
