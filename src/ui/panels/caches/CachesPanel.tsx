import { acceptCaches, clearCache, markCache, setEnd, setWarmUp } from "../../../state/document.ts";
import { select } from "../../../state/view.ts";
import { StageNotice } from "../../app/StageNotice.tsx";
import { usePlan, useResult, useStudio, useText, useView } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { Button } from "../../widgets/Button.tsx";
import { Facts, Note } from "../../widgets/Section.tsx";
import { CacheList } from "./CacheList.tsx";
import { OwnStates } from "./OwnStates.tsx";
import { cacheRows, cacheTotals } from "./rows.ts";
import { StartAndEnd } from "./StartAndEnd.tsx";

/** Every value whose past is needed: accept, keep more, or remove. */
export function CachesPanel() {
  const studio = useStudio();
  const plan = usePlan();
  const report = useResult("analyse");
  const streaming = useResult("convert");
  const selection = useView((v) => v.selection);
  const { t, bytes } = useText();
  if (!report) return <Note>{t(needOf(studio))}</Note>;
  if ((plan.states?.length ?? 0) > 0) return <OwnStates />;
  const rows = cacheRows(plan, report, streaming);
  const totals = cacheTotals(rows);
  const { document } = studio;
  return (
    <>
      <Note>{t("caches.intro")}</Note>
      <StageNotice name="convert" />
      <Facts
        facts={[
          [
            t("caches.total"),
            <strong key="n" data-testid="cache-count">
              {t("caches.count", { n: totals.kept })}
            </strong>,
          ],
          [
            t("caches.bytes"),
            <strong key="b" data-testid="cache-bytes">
              {bytes(totals.bytes)}
            </strong>,
          ],
        ]}
      />
      {totals.removed > 0 ? (
        <p>
          <Badge tone="warn">{t("caches.approximate", { n: totals.removed })}</Badge>
        </p>
      ) : null}
      <Button
        look={totals.open > 0 ? "primary" : "normal"}
        disabled={totals.open === 0}
        data-testid="accept-all"
        onClick={() =>
          acceptCaches(
            document,
            rows.map((r) => r.value),
          )
        }
      >
        {t("caches.acceptAll", { n: totals.open })}
      </Button>
      {rows.length === 0 ? <Note>{t("caches.none")}</Note> : null}
      <StartAndEnd
        plan={plan}
        report={report}
        streaming={streaming}
        onWarmUp={(choice) => setWarmUp(document, choice)}
        onEnd={(choice) => setEnd(document, choice)}
      />
      <CacheList
        rows={rows}
        selected={selection?.kind === "value" ? selection.id : undefined}
        onSelect={(id) => select(studio.view, { kind: "value", id })}
        onAccept={(value) => markCache(document, value, { state: "accepted" })}
        onForce={(value, frames) => markCache(document, value, { state: "forced", frames })}
        onRemove={(value) => markCache(document, value, { state: "removed" })}
        onReset={(value) => clearCache(document, value)}
      />
    </>
  );
}

function needOf(studio: ReturnType<typeof useStudio>) {
  return studio.stages.open.store.getState().result ? ("needs.axis" as const) : ("needs.model" as const);
}
