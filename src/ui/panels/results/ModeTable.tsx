import { Fragment } from "react";
import type { ChipReport } from "../../../engine/esp/examine-chip.ts";
import { select } from "../../../state/view.ts";
import { useStudio, useText } from "../../app/studio-context.ts";
import { decibels, shortReal } from "../../widgets/numbers.ts";
import { shortNames } from "../../widgets/short-name.ts";
import css from "./ModeTable.module.css";
import { type ModeOutput, modeRows } from "./mode-rows.ts";

/** Every output in float, on the chip with Rill's exponents, and with ESP-PPQ's: signal to noise, largest error, step. */
export function ModeTable({ report }: { readonly report: ChipReport }) {
  const { view } = useStudio();
  const { t, percent } = useText();
  const rows = modeRows(report);
  const short = shortNames(
    rows.map((r) => r.output),
    34,
  );
  const header = (mode: ChipReport["mode"]) => {
    const name = t(`modes.${mode}`);
    return mode === report.mode ? t("modes.yours", { mode: name }) : name;
  };
  const cell = (of: (o: ModeOutput) => string, output: ModeOutput | undefined, best: boolean) => (
    <td data-best={best}>{output ? of(output) : "–"}</td>
  );
  return (
    <table className={css.table} data-testid="mode-table" aria-label={t("modes.title")}>
      <thead>
        <tr>
          <th scope="col">{t("modes.output")}</th>
          <th scope="col">{t("modes.float")}</th>
          <th scope="col">{header("rill")}</th>
          <th scope="col">{header("esp-ppq")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ output, rill, espPpq }) => {
          const [a, b] = [rill?.sqnrDb ?? Number.NaN, espPpq?.sqnrDb ?? Number.NaN];
          const [c, d] = [rill?.maxAbs ?? Number.NaN, espPpq?.maxAbs ?? Number.NaN];
          return (
            <Fragment key={output}>
              <tr className={css.output}>
                <th colSpan={4} scope="rowgroup">
                  <button
                    type="button"
                    className={css.link}
                    onClick={() => select(view, { kind: "value", id: output })}
                  >
                    <code title={output}>{short(output)}</code>
                  </button>
                </th>
              </tr>
              <tr>
                <th scope="row">SQNR</th>
                <td>{t("modes.reference")}</td>
                {cell((o) => decibels(o.sqnrDb), rill, a > b)}
                {cell((o) => decibels(o.sqnrDb), espPpq, b > a)}
              </tr>
              <tr>
                <th scope="row">{t("modes.maxError")}</th>
                <td>0</td>
                {cell((o) => shortReal(o.maxAbs), rill, c < d)}
                {cell((o) => shortReal(o.maxAbs), espPpq, d < c)}
              </tr>
              <tr>
                <th scope="row">{t("modes.ofRange")}</th>
                <td>{percent(0)}</td>
                {cell((o) => percent(o.maxRelative), rill, false)}
                {cell((o) => percent(o.maxRelative), espPpq, false)}
              </tr>
              <tr>
                <th scope="row">{t("modes.step")}</th>
                <td>–</td>
                {cell((o) => shortReal(2 ** o.exponent), rill, false)}
                {cell((o) => shortReal(2 ** o.exponent), espPpq, false)}
              </tr>
              {a - b !== 0 && Number.isFinite(a - b) ? (
                <tr>
                  <th scope="row">{t("modes.difference")}</th>
                  <td colSpan={3}>
                    {t(a > b ? "modes.rillGains" : "modes.espPpqGains", { db: decibels(Math.abs(a - b)) })}
                  </td>
                </tr>
              ) : null}
            </Fragment>
          );
        })}
      </tbody>
    </table>
  );
}
