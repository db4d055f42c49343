import type { NamedBlob } from "../../../worker/protocol.ts";
import { useText } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { IconButton } from "../../widgets/Button.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import css from "./AudioPanel.module.css";
import { CLIPPED_ALARM, type ClipRow, SILENT_ALARM } from "./rows.ts";

export interface ClipListProps {
  readonly rows: readonly ClipRow[];
  readonly previewed: NamedBlob | undefined;
  readonly onPreview: (file: NamedBlob) => void;
  readonly onUse: (file: NamedBlob, used: boolean) => void;
  readonly onRemove: (file: NamedBlob) => void;
}

/** Clips with a switch each; the rest of what is known stands in the drawer. */
export function ClipList({ rows, previewed, onPreview, onUse, onRemove }: ClipListProps) {
  const { t, duration, problem } = useText();
  return (
    <ul className={css.clips} data-testid="clip-list">
      {rows.map((row) => (
        <li
          key={`${row.file.name}/${row.file.blob.size}`}
          className={css.clip}
          data-selected={row.file === previewed}
        >
          <input
            type="checkbox"
            aria-label={t("audio.use", { name: row.file.name })}
            checked={row.used && !row.problem}
            disabled={row.problem !== undefined}
            onChange={(event) => onUse(row.file, event.currentTarget.checked)}
          />
          <button
            type="button"
            className={css.name}
            onClick={() => onPreview(row.file)}
            title={row.file.name}
          >
            {row.file.name}
          </button>
          {row.summary && row.summary.clippedFraction > CLIPPED_ALARM ? (
            <Badge tone="warn">{t("audio.clipping")}</Badge>
          ) : null}
          {row.summary && row.summary.silentFraction > SILENT_ALARM ? (
            <Badge tone="warn">{t("audio.silence")}</Badge>
          ) : null}
          {row.problem ? <Badge tone="bad">{t("audio.unreadable")}</Badge> : null}
          <span className={css.length}>
            {row.summary ? duration(row.summary.durationSeconds) : row.problem ? "" : "…"}
          </span>
          <IconButton label={t("audio.remove", { name: row.file.name })} onClick={() => onRemove(row.file)}>
            <Icon name="close" size={12} />
          </IconButton>
          {row.problem ? <p className={css.problem}>{problem(row.problem).what}</p> : null}
        </li>
      ))}
    </ul>
  );
}
