import { useMemo } from "react";
import { useSession, useShell, useStage, useStudio, useText } from "../../app/studio-context.ts";
import { useFeed } from "../../app/use-feed.ts";
import { Button } from "../../widgets/Button.tsx";
import { shortReal } from "../../widgets/numbers.ts";
import { Facts, Note, Section } from "../../widgets/Section.tsx";
import { useWeightQuestion } from "../distribution/use-weight-question.ts";
import { WeightGridView } from "../distribution/WeightGridView.tsx";
import { ElementTable } from "./ElementTable.tsx";
import { BarStrip, RangeStrip } from "./TensorPictures.tsx";

/** Values of a weight or another constant: statistics, histogram, ranges per channel, the first elements, a file. */
export function TensorSection({ name }: { readonly name: string }) {
  const studio = useStudio();
  const shell = useShell();
  const model = useSession((s) => s.model);
  const { result, stale } = useStage("tensor");
  const { t, percent, count } = useText();
  const question = useWeightQuestion(name);
  useFeed(
    studio.stages.tensor,
    useMemo(() => model && { model, name, ...question }, [model, name, question]),
  );
  const report = stale ? undefined : result?.report;
  if (!report || report.name !== name) return <Note>{t("tensor.reading")}</Note>;
  const { numbers, first, npy } = report;
  return (
    <Section title={t("tensor.title")}>
      {numbers ? (
        <>
          <Facts
            facts={[
              [t("tensor.range"), `${shortReal(numbers.min)} … ${shortReal(numbers.max)}`],
              [t("tensor.mean"), `${shortReal(numbers.mean)} ± ${shortReal(numbers.deviation)}`],
              [t("tensor.zeros"), percent(numbers.zeros)],
              ...(numbers.notFinite > 0 ? [[t("tensor.notFinite"), count(numbers.notFinite)] as const] : []),
            ]}
          />
          <BarStrip
            bars={numbers.histogram}
            label={t("tensor.histogram", { low: shortReal(numbers.min), high: shortReal(numbers.max) })}
          />
          {numbers.channels && (report.grid?.channels.length ?? 0) < 2 ? (
            <RangeStrip
              ranges={numbers.channels}
              label={t("tensor.channels", { n: numbers.channels.length })}
            />
          ) : null}
        </>
      ) : null}
      {first.length > 0 ? (
        <p data-testid="tensor-first">
          <code>{first.map(shortReal).join("  ")}</code>
        </p>
      ) : null}
      <ElementTable report={report} />
      {npy ? (
        <Button
          data-testid="save-npy"
          onClick={() =>
            shell.download(
              `${name.replace(/[^\w.-]+/g, "_")}.npy`,
              npy as Uint8Array<ArrayBuffer>,
              "application/octet-stream",
            )
          }
        >
          {t("tensor.save")}
        </Button>
      ) : null}
      {report.grid ? <WeightGridView grid={report.grid} /> : null}
    </Section>
  );
}
