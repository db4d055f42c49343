import type { FeatureKind, FeatureSettings } from "../../../core/plan/plan.ts";
import { useText } from "../../app/studio-context.ts";
import { Badge } from "../../widgets/Badge.tsx";
import { Button } from "../../widgets/Button.tsx";
import { CheckField, NumberField, SelectField } from "../../widgets/Field.tsx";
import { Section } from "../../widgets/Section.tsx";
import css from "./AudioPanel.module.css";
import { numberSettings } from "./rows.ts";

const KINDS: readonly FeatureKind[] = ["raw", "logmel", "mfcc", "stft", "tensor"];
const WINDOWS: readonly FeatureSettings["window"][] = ["hann", "sqrt-hann", "hamming", "rectangular"];

const UNITS = { rateHz: "Hz", lowHz: "Hz", highHz: "Hz" } as const;

export interface FeatureFormProps {
  readonly input: string;
  readonly settings: FeatureSettings;
  /** What the input's shape suggests. */
  readonly inferred: FeatureSettings | undefined;
  readonly onChange: (settings: FeatureSettings) => void;
}

/** The front end of one input: what one frame is made of. */
export function FeatureForm({ input, settings, inferred, onChange }: FeatureFormProps) {
  const { t } = useText();
  const isInferred = JSON.stringify(settings) === JSON.stringify(inferred);
  const set = <K extends keyof FeatureSettings>(key: K, value: FeatureSettings[K]) =>
    onChange({ ...settings, [key]: value });
  const spectral = settings.kind === "logmel" || settings.kind === "mfcc" || settings.kind === "stft";
  const mel = settings.kind === "logmel" || settings.kind === "mfcc";
  return (
    <Section
      title={t("features.title", { input })}
      extra={
        isInferred ? (
          <Badge tone="accent">{t("features.inferred")}</Badge>
        ) : inferred ? (
          <Button look="quiet" onClick={() => onChange(inferred)}>
            {t("features.reset")}
          </Button>
        ) : null
      }
    >
      <div className={css.form} data-testid={`features-${input}`}>
        <SelectField
          label={t("features.kind")}
          value={settings.kind}
          options={KINDS.map((id) => ({ id, label: t(`features.kind.${id}`) }))}
          onChange={(kind) => set("kind", kind)}
        />
        {numberSettings(settings.kind).map((key) => (
          <NumberField
            key={key}
            label={t(`features.${key}`)}
            value={settings[key]}
            min={key === "lowHz" || key === "floor" ? 0 : 1}
            step={key === "floor" ? 1e-6 : 1}
            integer={key !== "floor"}
            {...(key in UNITS ? { unit: UNITS[key as keyof typeof UNITS] } : {})}
            onChange={(value) => set(key, value)}
          />
        ))}
        {spectral ? (
          <SelectField
            label={t("features.window")}
            value={settings.window}
            options={WINDOWS.map((id) => ({ id, label: id }))}
            onChange={(window) => set("window", window)}
          />
        ) : null}
        {mel ? (
          <>
            <SelectField
              label={t("features.mel")}
              value={settings.mel}
              options={[
                { id: "htk", label: "HTK" },
                { id: "slaney", label: "Slaney" },
              ]}
              onChange={(scale) => set("mel", scale)}
            />
            <SelectField
              label={t("features.power")}
              value={settings.power === 2 ? "2" : "1"}
              options={[
                { id: "2", label: t("features.power.2") },
                { id: "1", label: t("features.power.1") },
              ]}
              onChange={(power) => set("power", power === "2" ? 2 : 1)}
            />
          </>
        ) : null}
        {spectral ? (
          <CheckField
            label={t("features.center")}
            value={settings.center}
            onChange={(on) => set("center", on)}
          />
        ) : null}
      </div>
    </Section>
  );
}
