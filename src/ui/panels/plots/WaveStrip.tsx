import { useEffect, useRef } from "react";
import { drawEnvelope } from "../audio/draw-clip.ts";
import css from "./PlotsPanel.module.css";

/** The waveform of the previewed clip, on the time axis of the plots below it. */
export function WaveStrip({ envelope, label }: { readonly envelope: Float32Array; readonly label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const draw = () => drawEnvelope(element, envelope);
    const observer = new ResizeObserver(draw);
    observer.observe(element);
    return () => observer.disconnect();
  }, [envelope]);
  return <canvas ref={canvas} className={css.wave} role="img" aria-label={label} />;
}
