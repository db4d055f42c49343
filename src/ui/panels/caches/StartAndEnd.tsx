import {
  END_CHOICES,
  type EndChoice,
  type Plan,
  WARM_UP_CHOICES,
  type WarmUpChoice,
} from "../../../core/plan/plan.ts";
import type { AnalysisReport } from "../../../engine/reports.ts";
import type { Conversion } from "../../../worker/protocol.ts";
import { useText } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { SelectField } from "../../widgets/Field.tsx";
import { Facts, Section } from "../../widgets/Section.tsx";
import { boundOf, costOfStart } from "./start-cost.ts";

interface StartAndEndProps {
  readonly plan: Plan;
  readonly report: AnalysisReport;
  readonly streaming: Conversion | undefined;
  readonly onWarmUp: (choice: WarmUpChoice) => void;
  readonly onEnd: (choice: EndChoice) => void;
}

/** How frames from before the first and behind the last are kept out, and what that costs. */
export function StartAndEnd({ plan, report, streaming, onWarmUp, onEnd }: StartAndEndProps) {
  const { t } = useText();
  const warmUp = plan.warmUp ?? "auto";
  const end = plan.end ?? "open";
  const bound = boundOf(report.start, plan);
  const boundText =
    bound.kind === "endless" ? t("start.bound.endless") : t(`start.bound.${bound.kind}`, bound.numbers);
  const chosen = streaming && costOfStart(streaming);
  return (
    <Section title={t("start.title")}>
      <SelectField
        label={t("start.warmUp")}
        hint={warmUp === "ignore" ? boundText : t(`start.warmUp.${warmUp}.hint`)}
        value={warmUp}
        options={WARM_UP_CHOICES.map((id) => ({ id, label: t(`start.warmUp.${id}`) }))}
        onChange={onWarmUp}
      />
      <Facts
        facts={[
          [t("start.guarded"), t("start.operators", { n: report.start.guarded })],
          ...(report.start.guarded > 0 ? [[t("start.unguarded"), boundText] as const] : []),
          ...(chosen
            ? [
                [
                  t("start.chosen"),
                  <span key="chosen" data-testid="start-cost">
                    {t(`start.cost.${chosen.policy}`, chosen.numbers)}
                  </span>,
                ] as const,
              ]
            : []),
        ]}
      />
      {streaming && streaming.warmUp.wrongFrames > 0 ? (
        <p>
          <Badge tone="warn">{t("start.approximate")}</Badge>
        </p>
      ) : null}
      <SelectField
        label={t("start.end")}
        hint={t(`start.end.${end}.hint`)}
        value={end}
        options={END_CHOICES.map((id) => ({ id, label: t(`start.end.${id}`) }))}
        onChange={onEnd}
      />
    </Section>
  );
}
