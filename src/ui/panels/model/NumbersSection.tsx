import { useRef, useState } from "react";
import type { Difference, QuantizedComparison } from "../../../core/quant/compare-quantized.ts";
import { select } from "../../../state/view.ts";
import { StageNotice } from "../../app/StageNotice.tsx";
import { useSession, useStage, useStudio, useText } from "../../app/studio-context.ts";
import type { Text } from "../../i18n/text.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { Button } from "../../widgets/Button.tsx";
import { shortReal } from "../../widgets/numbers.ts";
import { Facts, Section } from "../../widgets/Section.tsx";
import { shortNames } from "../../widgets/short-name.ts";
import css from "./NumbersSection.module.css";

/** Differences that are listed; more of them say no more. */
const MOST_LISTED = 200;

/** The open file of integers against another one, number by number. */
export function NumbersSection() {
  const { stages } = useStudio();
  const model = useSession((s) => s.model);
  const { result, stale, status } = useStage("numbers");
  const [name, setName] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const { t } = useText();
  const found = stale || status !== "done" ? undefined : result;
  return (
    <Section
      title={t("numbers.title")}
      extra={
        found ? (
          <Badge tone={found.equal ? "ok" : "warn"}>
            {t(found.equal ? "numbers.equal" : "numbers.different")}
          </Badge>
        ) : null
      }
    >
      <input
        ref={input}
        type="file"
        accept=".espdl,.onnx"
        hidden
        data-testid="numbers-file"
        onChange={(event) => {
          const [file] = event.currentTarget.files ?? [];
          if (file && model) {
            setName(file.name);
            stages.numbers.feed({ model, other: { name: file.name, blob: file } });
          }
          event.currentTarget.value = "";
        }}
      />
      <p>
        <Button onClick={() => input.current?.click()}>{t("numbers.choose")}</Button>
      </p>
      <StageNotice name="numbers" />
      {found ? <Found found={found} name={name} /> : null}
    </Section>
  );
}

function Found({ found, name }: { readonly found: QuantizedComparison; readonly name: string }) {
  const { view } = useStudio();
  const text = useText();
  const { t, count } = text;
  const shown = found.differences.slice(0, MOST_LISTED);
  const short = shortNames(
    shown.map((d) => d.name),
    18,
  );
  return (
    <div data-testid="numbers-report" data-equal={found.equal}>
      <p>{t("numbers.against", { file: name })}</p>
      <Facts
        facts={found.kinds
          .filter((k) => !k.absent)
          .map((k) => [
            t(`numbers.${k.kind}`),
            t("numbers.count", {
              equal: count(k.equal),
              of: count(k.compared),
              lonely: count(k.onlyA.length + k.onlyB.length),
            }),
          ])}
      />
      <ul className={css.differences}>
        {shown.map((d) => (
          <li key={`${d.kind} ${d.name} ${d.what}`}>
            <button type="button" onClick={() => select(view, { kind: "value", id: d.name })}>
              <code title={d.name}>{short(d.name)}</code>
            </button>
            <span>{differenceText(d, text)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function differenceText(d: Difference, { t, count }: Text): string {
  if (d.what === "integers")
    return t("numbers.integers", { n: count(d.count), of: count(d.of), most: shortReal(d.maxDistance) });
  const list = (x: string | readonly number[]) =>
    typeof x === "string" ? x : x.slice(0, 3).map(shownScale(d)).join(" ");
  return `${t(`numbers.${d.what}`)} ${list(d.a)} | ${list(d.b)}`;
}

/** Powers of two as such. */
function shownScale({ what }: Difference): (x: number) => string {
  return (x) => {
    const exponent = Math.round(Math.log2(x));
    return what === "scale" && 2 ** exponent === x ? `2^${exponent}` : shortReal(x);
  };
}
