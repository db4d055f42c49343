import { useEffect, useMemo, useRef, useState } from "react";
import type { Layout } from "../../core/layout/layout.ts";
import { exportPng, fitsPng, PNG_LIMIT, pixelsOf } from "../graph/export/export-png.ts";
import { exportSvg } from "../graph/export/export-svg.ts";
import { type WholeInput, wholeSize } from "../graph/export/whole-picture.ts";
import type { GraphMarks } from "../graph/graph-marks.ts";
import type { GraphScene } from "../graph/graph-scene.ts";
import { canvasMeasure } from "../graph/measured-scene.ts";
import { readPalette } from "../graph/palette.ts";
import { pictureOf } from "../graph/picture.ts";
import type { Reach } from "../graph/reach.ts";
import { Button } from "../widgets/Button.tsx";
import { SelectField } from "../widgets/Field.tsx";
import { Progress } from "../widgets/Progress.tsx";
import { Note } from "../widgets/Section.tsx";
import { useHeatMap } from "./heat/use-heat-map.ts";
import { ModalDialog } from "./ModalDialog.tsx";
import css from "./PictureDialog.module.css";
import { pictureLegend } from "./picture-legend.ts";
import { useShell, useText, useView } from "./studio-context.ts";
import { useThemeName } from "./theme.ts";

interface PictureDialogProps {
  readonly scene: GraphScene;
  readonly layout: Layout;
  readonly marks: GraphMarks;
  readonly reach: Reach | undefined;
}

/** Portions of the size at which texts are as large as on screen. */
const SCALES = [0.1, 0.25, 0.5, 1, 2, 3] as const;
/** The first choice stays below this, which every program opens at once. */
const USUAL_PIXELS = 64e6;

/** Chooses format and size, draws the whole graph, and offers the file. */
export function PictureDialog(props: PictureDialogProps) {
  const { t } = useText();
  const whole = useWhole(props);
  const [format, setFormat] = useState<"png" | "svg">("png");
  const sizeAt = (scale: number) => {
    const given = { ...whole, scale: Math.min(1, scale), layout: props.layout };
    return pixelsOf(wholeSize(given, whole.measure).size, Math.max(1, scale));
  };
  const usual = SCALES.findLast((s) => s <= 2 && sizeAt(s).width * sizeAt(s).height <= USUAL_PIXELS);
  const [scale, setScale] = useState<number>(usual ?? SCALES[0]);
  const size = sizeAt(format === "svg" ? 1 : scale);
  const fits = format === "svg" || fitsPng(size);
  const work = useSaving(whole, format, format === "svg" ? 1 : scale);
  const pixels = t("picture.pixels", { ...size });
  return (
    <ModalDialog title={t("picture.title")} look="headed">
      <div className={css.fields}>
        <Note>{t("picture.what")}</Note>
        <SelectField
          label={t("picture.format")}
          value={format}
          options={[
            { id: "png", label: "PNG" },
            { id: "svg", label: "SVG" },
          ]}
          onChange={setFormat}
        />
        {format === "png" ? (
          <SelectField
            label={t("picture.scale")}
            value={String(scale)}
            options={SCALES.map((s) => ({ id: String(s), label: `${s * 100} %` }))}
            hint={fits ? pixels : undefined}
            onChange={(chosen) => setScale(Number(chosen))}
          />
        ) : (
          <Note>{pixels}</Note>
        )}
        {fits ? null : (
          <p role="alert" data-testid="picture-too-large">
            {tooLargeText(
              t,
              size,
              SCALES.findLast((s) => fitsPng(sizeAt(s))),
            )}
          </p>
        )}
        {work.fraction === undefined ? null : (
          <Progress label={t("picture.saving")} fraction={work.fraction} />
        )}
        <p className={css.foot}>
          <output data-testid="picture-said">{work.said}</output>
          {work.fraction === undefined ? (
            <Button look="primary" disabled={!fits} onClick={work.start}>
              {t("picture.save")}
            </Button>
          ) : (
            <Button onClick={work.cancel}>{t("action.cancel")}</Button>
          )}
        </p>
      </div>
    </ModalDialog>
  );
}

function tooLargeText(
  t: ReturnType<typeof useText>["t"],
  size: { readonly width: number; readonly height: number },
  largest: number | undefined,
): string {
  const advice =
    largest === undefined
      ? t("picture.onlySvg")
      : t("picture.smaller", { percent: `${Math.round(largest * 100)} %` });
  return t("picture.tooLarge", { ...size, side: PNG_LIMIT.side, pixels: PNG_LIMIT.pixels / 1e6, advice });
}

/** Everything of the picture but its scale. */
function useWhole({ scene, layout, marks, reach }: PictureDialogProps): Omit<WholeInput, "scale"> {
  const { t } = useText();
  const heat = useHeatMap();
  const selection = useView((v) => v.selection);
  const theme = useThemeName(useView((v) => v.theme));
  return useMemo(() => {
    const style = getComputedStyle(document.querySelector("[data-graph]") ?? document.documentElement);
    const palette = readPalette(theme, (name) => style.getPropertyValue(name));
    const { summary } = scene;
    const legend = pictureLegend({ scene, marks, heat, palette }, t);
    return {
      ...{ picture: pictureOf(scene, layout), marks, selection, reach, palette, legend },
      measure: canvasMeasure(),
      title: summary.name,
    };
  }, [scene, layout, marks, reach, selection, heat, theme, t]);
}

interface Saving {
  /** Undefined while nothing is drawn. */
  readonly fraction: number | undefined;
  readonly said: string;
  readonly start: () => void;
  readonly cancel: () => void;
}

function useSaving(whole: Omit<WholeInput, "scale">, format: "png" | "svg", scale: number): Saving {
  const shell = useShell();
  const { t, bytes } = useText();
  const [fraction, setFraction] = useState<number>();
  const [said, setSaid] = useState("");
  const job = useRef<AbortController>(undefined);
  useEffect(() => () => job.current?.abort(), []);
  const save = async (signal: AbortSignal) => {
    const options = { signal, onProgress: setFraction };
    const type = format === "png" ? "image/png" : "image/svg+xml";
    // Beyond its natural size a picture gets more pixels, not smaller buttons.
    const input = { ...whole, scale: Math.min(1, scale) };
    const parts =
      format === "png"
        ? await exportPng(input, Math.max(1, scale), options)
        : await exportSvg(input, options);
    const blob = new Blob([...parts], { type });
    const file = `${whole.title.replace(/\.(onnx|espdl)$/i, "") || "model"}.graph.${format}`;
    shell.download(file, blob, type);
    setSaid(t("picture.saved", { file, bytes: bytes(blob.size) }));
  };
  const start = async () => {
    const controller = new AbortController();
    job.current = controller;
    setSaid("");
    setFraction(0);
    try {
      await save(controller.signal);
    } catch (error) {
      if (!controller.signal.aborted) setSaid(t("picture.failed", { reason: String(error) }));
    } finally {
      setFraction(undefined);
    }
  };
  return { fraction, said, start: () => void start(), cancel: () => job.current?.abort() };
}
