import { useText } from "../../app/studio-context.ts";
import { Badge, type Tone } from "../../widgets/Badge.tsx";
import { IconButton } from "../../widgets/Button.tsx";
import { NumberField } from "../../widgets/Field.tsx";
import { Icon } from "../../widgets/Icon.tsx";
import { shortName, shortNames } from "../../widgets/short-name.ts";
import css from "./CachesPanel.module.css";
import type { CacheRow } from "./rows.ts";

export interface CacheListProps {
  readonly rows: readonly CacheRow[];
  readonly selected: string | undefined;
  readonly onSelect: (value: string) => void;
  readonly onAccept: (value: string) => void;
  readonly onForce: (value: string, frames: number) => void;
  readonly onRemove: (value: string) => void;
  readonly onReset: (value: string) => void;
}

const TONES: Readonly<Record<CacheRow["state"], Tone>> = {
  proposed: "neutral",
  accepted: "cache",
  forced: "cache",
  removed: "warn",
};

/** One entry per cache edge; everything that the graph's chips can do is here too. */
export function CacheList(props: CacheListProps) {
  const short = shortNames(props.rows.map((row) => row.value));
  return (
    <ul className={css.list} data-testid="cache-list">
      {props.rows.map((row) => (
        <CacheEntry key={row.value} {...props} row={row} name={short(row.value)} />
      ))}
    </ul>
  );
}

function CacheEntry(props: CacheListProps & { readonly row: CacheRow; readonly name: string }) {
  const { row, name, selected, onSelect, onAccept, onForce, onRemove, onReset } = props;
  const { t, bytes } = useText();
  return (
    <li className={css.entry} data-selected={row.value === selected} data-testid={`cache-${row.value}`}>
      <div className={css.head}>
        <button type="button" className={css.name} onClick={() => onSelect(row.value)} title={row.value}>
          <code>{name}</code>
        </button>
        <Badge tone={TONES[row.state]}>{t(`cache.${row.state}`)}</Badge>
      </div>
      {row.readers.map((reader) => (
        <p key={`${reader.node}/${reader.use}`} className={css.why} title={reader.node}>
          {t(`caches.why.${reader.use}`, { n: reader.frames, node: shortName(reader.node, 24) })}
        </p>
      ))}
      <div className={css.actions}>
        <p className={css.facts}>
          {bytes(row.bytes)}
          {row.delay > 0 ? ` · ${t("caches.delay", { n: row.delay })}` : ""}
        </p>
        <NumberField
          label={t("caches.frames")}
          value={row.frames}
          min={1}
          onChange={(frames) => onForce(row.value, frames)}
        />
        <IconButton
          label={t("caches.accept", { value: row.value })}
          aria-pressed={row.state === "accepted"}
          onClick={() => onAccept(row.value)}
        >
          <Icon name="check" />
        </IconButton>
        <IconButton
          label={t("caches.remove", { value: row.value })}
          aria-pressed={row.state === "removed"}
          onClick={() => onRemove(row.value)}
        >
          <Icon name="trash" />
        </IconButton>
        <IconButton
          label={t("caches.reset", { value: row.value })}
          disabled={row.state === "proposed"}
          onClick={() => onReset(row.value)}
        >
          <Icon name="undo" />
        </IconButton>
      </div>
    </li>
  );
}
