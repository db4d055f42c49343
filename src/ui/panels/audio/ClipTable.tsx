import type { NamedBlob } from "../../../worker/protocol.ts";
import { useText } from "../../app/studio-context.ts";
import { type Column, DataTable } from "../../widgets/DataTable.tsx";
import type { ClipRow } from "./rows.ts";

export interface ClipTableProps {
  readonly rows: readonly ClipRow[];
  readonly previewed: NamedBlob | undefined;
  readonly onPreview: (file: NamedBlob) => void;
  readonly onUse: (file: NamedBlob, used: boolean) => void;
}

/** Every measured fact of every clip. */
export function ClipTable({ rows, previewed, onPreview, onUse }: ClipTableProps) {
  const { t, duration, percent } = useText();
  const of = (row: ClipRow, read: (s: NonNullable<ClipRow["summary"]>) => string) =>
    row.summary ? read(row.summary) : "–";
  const audio = (row: ClipRow, read: (s: NonNullable<ClipRow["summary"]>) => string) =>
    row.summary?.kind === "audio" ? read(row.summary) : "–";
  const columns: readonly Column<ClipRow>[] = [
    {
      id: "used",
      header: t("audio.used"),
      cell: (row) => (
        <input
          type="checkbox"
          aria-label={t("audio.use", { name: row.file.name })}
          checked={row.used && !row.problem}
          disabled={row.problem !== undefined}
          onClick={(event) => event.stopPropagation()}
          onChange={(event) => onUse(row.file, event.currentTarget.checked)}
        />
      ),
    },
    { id: "name", header: t("audio.file"), value: (r) => r.file.name, cell: (r) => r.file.name },
    {
      id: "duration",
      header: t("audio.duration"),
      align: "right",
      value: (r) => r.summary?.durationSeconds ?? 0,
      cell: (r) => of(r, (s) => duration(s.durationSeconds)),
    },
    {
      id: "rate",
      header: t("audio.rate"),
      align: "right",
      value: (r) => r.summary?.rateHz ?? 0,
      cell: (r) => audio(r, (s) => `${s.rateHz / 1000} kHz`),
    },
    {
      id: "channels",
      header: t("audio.channels"),
      align: "right",
      cell: (r) => audio(r, (s) => String(s.channels)),
    },
    {
      id: "peak",
      header: t("audio.peak"),
      align: "right",
      value: (r) => r.summary?.peak ?? 0,
      cell: (r) => audio(r, (s) => s.peak.toFixed(3)),
    },
    {
      id: "clipped",
      header: t("audio.clipping"),
      align: "right",
      value: (r) => r.summary?.clippedFraction ?? 0,
      cell: (r) => audio(r, (s) => percent(s.clippedFraction)),
    },
    {
      id: "silent",
      header: t("audio.silence"),
      align: "right",
      value: (r) => r.summary?.silentFraction ?? 0,
      cell: (r) => audio(r, (s) => percent(s.silentFraction)),
    },
  ];
  return (
    <DataTable
      label={t("audio.table")}
      testId="clip-table"
      columns={columns}
      rows={rows}
      rowKey={(row) => `${row.file.name}/${row.file.blob.size}`}
      selectedKey={previewed ? `${previewed.name}/${previewed.blob.size}` : undefined}
      onSelect={(row) => onPreview(row.file)}
    />
  );
}
