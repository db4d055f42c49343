import type { EspdlTarget } from "../../../core/targets/target.ts";
import type { ChipFit } from "../../../engine/esp/fit-chip.ts";
import { select } from "../../../state/view.ts";
import { StageNotice } from "../../app/StageNotice.tsx";
import { usePlanOf, useStage, useStudio, useText } from "../../app/studio-context.ts";
import { Note, Section } from "../../widgets/Section.tsx";
import { shortNames } from "../../widgets/short-name.ts";
import css from "./ChipOptions.module.css";
import { MemoryBars } from "./MemoryBars.tsx";

/** What the chip makes of this model: nodes without kernel, memory. */
export function ChipFitSection({ chip }: { readonly chip: EspdlTarget }) {
  const { result, stale, ready, failure } = useStage("fit");
  const { t, problem, sentences } = useText();
  const fit = result?.find((f) => f.target === chip.id);
  const rolled = (usePlanOf("states").states?.length ?? 0) > 0;
  return (
    <Section title={t("chip.fit", { chip: chip.label })}>
      {failure ? <StageNotice name="fit" /> : null}
      {rolled ? <Note>{problem({ code: "target.carried", target: chip.label }).what}</Note> : null}
      {!ready && !fit && !rolled ? <Note>{t("chip.fit.waiting")}</Note> : null}
      {fit && !failure && !rolled ? (
        <div className={css.fit} data-testid="chip-fit" data-stale={stale}>
          {fit.refusals.length > 0 ? (
            <Refusals fit={fit} />
          ) : (
            <p>{sentences([t("chip.fit.all", { bits: fit.bits }), t(`chip.${scalesOf(chip)}`)])}</p>
          )}
          {fit.floatNodes > 0 ? <p>{t("chip.fit.float", { n: fit.floatNodes })}</p> : null}
          {fit.memory ? <MemoryBars fit={fit} memory={fit.memory} /> : null}
        </div>
      ) : null}
    </Section>
  );
}

function scalesOf({ formats, vectorBytes }: EspdlTarget): "perChannel" | "perFilter" | "portable" {
  if (vectorBytes === 0) return "portable";
  return formats[8].perChannelFilters ? "perChannel" : "perFilter";
}

function Refusals({ fit }: { readonly fit: ChipFit }) {
  const { view } = useStudio();
  const text = useText();
  const short = shortNames(
    fit.refusals.map((r) => r.node),
    22,
  );
  return (
    <>
      <p>{text.t("chip.fit.refused", { n: fit.refusals.length })}</p>
      <ul className={css.refusals}>
        {fit.refusals.map(({ node, op, reason }) => (
          <li key={node}>
            <button
              type="button"
              className={css.link}
              onClick={() => select(view, { kind: "node", id: node })}
            >
              {op} <code title={node}>{short(node)}</code>
            </button>
            <span>{text.problem({ code: "target.noKernel", node, op, reason }).what}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
