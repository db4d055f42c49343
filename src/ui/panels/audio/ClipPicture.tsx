import { useEffect, useRef } from "react";
import type { ClipPreview } from "../../../engine/reports.ts";
import { useText, useView } from "../../app/studio-context.ts";
import css from "./AudioPanel.module.css";
import { drawEnvelope, spectrogramPixels } from "./draw-clip.ts";

/** Waveform over spectrogram. */
export function ClipPicture({ preview, name }: { readonly preview: ClipPreview; readonly name: string }) {
  const wave = useRef<HTMLCanvasElement>(null);
  const spectrum = useRef<HTMLCanvasElement>(null);
  const theme = useView((v) => v.theme);
  const { t, duration } = useText();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of theme changes the colours that are read
  useEffect(() => {
    if (wave.current) drawEnvelope(wave.current, preview.envelope);
  }, [preview, theme]);
  useEffect(() => {
    const canvas = spectrum.current;
    const { frames, bins, levels } = preview.spectrogram;
    if (!canvas || frames === 0 || bins === 0) return;
    canvas.width = frames;
    canvas.height = bins;
    canvas
      .getContext("2d")
      ?.putImageData(new ImageData(spectrogramPixels(levels, frames, bins), frames, bins), 0, 0);
  }, [preview]);
  const features = preview.features.map((f) => `${f.input} ${f.shape.join("×")}`).join(" · ");
  return (
    <figure className={css.picture} data-testid="clip-picture">
      <figcaption>
        <strong>{name}</strong> · {duration(preview.durationSeconds)}
        {features === "" ? "" : ` · ${t("audio.becomes", { features })}`}
      </figcaption>
      <canvas ref={wave} className={css.wave} role="img" aria-label={t("audio.waveform", { name })} />
      {preview.spectrogram.frames > 0 ? (
        <canvas
          ref={spectrum}
          className={css.spectrum}
          role="img"
          aria-label={t("audio.spectrogram", { name })}
        />
      ) : null}
    </figure>
  );
}
