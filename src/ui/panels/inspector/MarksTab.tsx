import { clearCache, markCache, toggleSplit } from "../../../state/document.ts";
import { cacheEdges, markableValue, proposalsOf } from "../../../state/select/marks.ts";
import { usePlan, useResult, useStudio, useText, useView } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { Button } from "../../widgets/Button.tsx";
import { Facts, Note, Section } from "../../widgets/Section.tsx";
import css from "./InspectorPanel.module.css";

/** The marks of the selected value, with everything that can be done to them. */
export function MarksTab() {
  const studio = useStudio();
  const plan = usePlan("afterPaint");
  const proposals = proposalsOf(plan, useResult("analyse"), useResult("convert"));
  const selection = useView((v) => v.selection); // decides the value below
  const { t, bytes } = useText();
  const value = markableValue(studio);
  if (value === undefined) return <Note>{t(selection ? "inspector.noMarks" : "inspector.nothing")}</Note>;
  const edge = cacheEdges(plan, proposals).find((e) => e.value === value);
  const split = plan.splits.includes(value);
  const { document } = studio;
  return (
    <>
      <h2 className={css.title}>{value}</h2>
      <Section
        title={t("step.caches")}
        extra={edge ? <Badge tone="cache">{t(`cache.${edge.state}`)}</Badge> : null}
      >
        {edge?.proposal ? (
          <Facts
            facts={[
              [t("caches.frames"), t("unit.frames", { n: edge.frames })],
              [t("caches.bytes"), bytes(edge.proposal.bytes)],
            ]}
          />
        ) : (
          <Note>{t("caches.notNeeded")}</Note>
        )}
        <div className={css.actions}>
          {edge?.proposal ? (
            <>
              <Button
                aria-pressed={edge.state === "accepted"}
                onClick={() => markCache(document, value, { state: "accepted" })}
              >
                {t("caches.acceptOne")}
              </Button>
              <Button
                aria-pressed={edge.state === "removed"}
                onClick={() => markCache(document, value, { state: "removed" })}
              >
                {t("caches.removeOne")}
              </Button>
            </>
          ) : (
            <Button onClick={() => markCache(document, value, { state: "forced", frames: 1 })}>
              {t("caches.forceOne")}
            </Button>
          )}
          <Button disabled={!(value in plan.caches)} onClick={() => clearCache(document, value)}>
            {t("caches.resetOne")}
          </Button>
        </div>
      </Section>
      <Section
        title={t("step.splits")}
        extra={split ? <Badge tone="split">{t("splits.marked")}</Badge> : null}
      >
        <div className={css.actions}>
          <Button aria-pressed={split} onClick={() => toggleSplit(document, value)}>
            {t(split ? "splits.unmarkOne" : "splits.markOne")}
          </Button>
        </div>
      </Section>
    </>
  );
}
