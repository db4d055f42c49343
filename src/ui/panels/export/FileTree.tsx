import type { PackageFile } from "../../../engine/reports.ts";
import { useText } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import css from "./ExportPanel.module.css";
import { folderRows } from "./rows.ts";

const TONES = { executed: "ok", loaded: "accent", "well-formed": "neutral" } as const;

/** Files of the package with sizes and how far each was checked. */
export function FileTree({ files }: { readonly files: readonly PackageFile[] }) {
  const { t, bytes } = useText();
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
              <li key={file.path} className={css.file} title={`SHA-256 ${file.sha256}`}>
                <span className={css.name}>
                  <Icon name="file" size={14} />
                  {file.name}
                </span>
                <span className={css.facts}>
                  <Badge tone={TONES[file.check]}>{t(`check.${file.check}`)}</Badge>
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
