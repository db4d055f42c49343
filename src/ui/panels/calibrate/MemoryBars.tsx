import type { ReactNode } from "react";
import type { ChipFit, ChipMemory } from "../../../engine/esp/fit-chip.ts";
import { useText } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { kibibytes } from "../../widgets/numbers.ts";
import { Note } from "../../widgets/Section.tsx";
import css from "./ChipOptions.module.css";
import { ramVerdict, VERDICT_TONES } from "./rows.ts";

/** Flash and RAM as bars with their parts, RAM against the chip's SRAM. */
export function MemoryBars({ fit, memory }: { readonly fit: ChipFit; readonly memory: ChipMemory }) {
  const { t } = useText();
  const { flashBytes, parameterBytes, cacheBytes, arenaBytes, moduleFlashBytes, programBytes } = memory;
  const ramBytes = cacheBytes + arenaBytes;
  const verdict = ramVerdict(ramBytes, fit);
  return (
    <>
      <Bar
        title={t("chip.memory.ram", { bytes: kibibytes(ramBytes), sram: kibibytes(fit.sramBytes) })}
        of={Math.max(fit.sramBytes, ramBytes)}
        limit={fit.sramBytes}
        parts={[
          { id: "caches", label: t("chip.memory.caches"), bytes: cacheBytes },
          { id: "arena", label: t("chip.memory.arena"), bytes: arenaBytes },
        ]}
        verdict={<Badge tone={VERDICT_TONES[verdict]}>{t(`chip.memory.${verdict}`)}</Badge>}
      />
      <Bar
        title={t("chip.memory.flash", {
          bytes: kibibytes(flashBytes),
          module: moduleFlashBytes / 2 ** 20,
        })}
        of={moduleFlashBytes}
        parts={[
          { id: "program", label: t("chip.memory.program"), bytes: programBytes },
          { id: "weights", label: t("chip.memory.weights"), bytes: parameterBytes },
          { id: "files", label: t("chip.memory.files"), bytes: Math.max(0, flashBytes - parameterBytes) },
        ]}
      />
      <Note>{t("chip.memory.note")}</Note>
    </>
  );
}

interface Part {
  readonly id: string;
  readonly label: string;
  readonly bytes: number;
}

function Bar(props: {
  readonly title: string;
  readonly of: number;
  readonly limit?: number;
  readonly parts: readonly Part[];
  readonly verdict?: ReactNode;
}) {
  const { title, of, limit, parts, verdict } = props;
  const share = (bytes: number): string => `${((100 * bytes) / Math.max(1, of)).toFixed(2)}%`;
  return (
    <div className={css.memory}>
      <p className={css.title}>
        {title} {verdict}
      </p>
      <div className={css.bar} aria-hidden="true">
        {parts.map(({ id, bytes }) => (
          <span key={id} className={css.part} data-part={id} style={{ width: share(bytes) }} />
        ))}
        {limit !== undefined && limit < of ? (
          <span className={css.limit} style={{ left: share(limit) }} />
        ) : null}
      </div>
      <ul className={css.parts}>
        {parts.map(({ id, label, bytes }) => (
          <li key={id}>
            <span className={css.swatch} data-part={id} aria-hidden="true" />
            {label} {kibibytes(bytes)}
          </li>
        ))}
      </ul>
    </div>
  );
}
