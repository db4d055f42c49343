import { openDrawer, openStep } from "../../../state/view.ts";
import { StageNotice } from "../../app/StageNotice.tsx";
import { useResult, useStudio, useText } from "../../app/studio-context.ts";
import { Button } from "../../widgets/Button.tsx";
import { Facts, Note } from "../../widgets/Section.tsx";

/** The caches of a model that streams by itself: nothing to decide here. */
export function OwnStates() {
  const { view } = useStudio();
  const caches = useResult("convert")?.modules.flatMap((m) => m.caches) ?? [];
  const total = useResult("convert")?.modules.reduce((n, m) => n + m.cost.cacheBytes, 0) ?? 0;
  const { t, bytes } = useText();
  return (
    <>
      <Note>{t("caches.carried")}</Note>
      <StageNotice name="convert" />
      <Facts
        facts={[
          [t("caches.total"), t("caches.count", { n: caches.length })],
          [t("caches.bytes"), bytes(total)],
        ]}
      />
      <p>
        <Button onClick={() => openDrawer(view, "caches")}>{t("caches.table")}</Button>{" "}
        <Button onClick={() => openStep(view, "axis")}>{t("states.title")}</Button>
      </p>
    </>
  );
}
