import { type KeyboardEvent, type PointerEvent, useEffect, useMemo, useRef, useState } from "react";
import { envelopeOf } from "../../../core/audio/clip-measures.ts";
import { useText, useView } from "../../app/studio-context.ts";
import { drawEnvelope } from "../audio/draw-clip.ts";
import css from "./ListenPanel.module.css";
import type { TrackPlayer } from "./track-player.ts";

const COLUMNS = 1600;
const STEP_SECONDS = 1;

export interface TimelineProps {
  readonly player: TrackPlayer;
  readonly playing: boolean;
  readonly samples: Float32Array;
  readonly rateHz: number;
}

/** Waveform of what is heard with the position on it: a slider. A press seeks; arrows go by a second. */
export function Timeline({ player, playing, samples, rateHz }: TimelineProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [position, setPosition] = useState(0);
  const theme = useView((v) => v.theme);
  const { t, duration } = useText();
  const all = samples.length / rateHz;
  const envelope = useMemo(() => envelopeOf(samples, COLUMNS), [samples]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a change of theme changes the colours that are read
  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const observer = new ResizeObserver(() => drawEnvelope(element, envelope));
    observer.observe(element);
    return () => observer.disconnect();
  }, [envelope, theme]);
  useEffect(() => {
    if (!playing) {
      setPosition(player.positionSeconds);
      return;
    }
    let frame = requestAnimationFrame(function show() {
      setPosition(player.positionSeconds);
      frame = requestAnimationFrame(show);
    });
    return () => cancelAnimationFrame(frame);
  }, [playing, player]);
  const seek = (seconds: number) => {
    player.seek(seconds);
    setPosition(player.positionSeconds);
  };
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    seek(((event.clientX - left) / width) * all);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to: Readonly<Record<string, number>> = {
      ArrowLeft: position - STEP_SECONDS,
      ArrowRight: position + STEP_SECONDS,
      Home: 0,
      End: all,
    };
    const seconds = to[event.key];
    if (seconds === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    seek(seconds);
  };
  return (
    <div
      className={css.timeline}
      role="slider"
      tabIndex={0}
      aria-label={t("listen.position")}
      aria-valuemin={0}
      aria-valuemax={all}
      aria-valuenow={position}
      aria-valuetext={t("listen.at", { now: duration(position), all: duration(all) })}
      data-testid="listen-position"
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
    >
      <canvas ref={canvas} className={css.wave} />
      <span className={css.head} style={{ left: `${all > 0 ? (position / all) * 100 : 0}%` }} />
      <span className={css.clock} aria-hidden="true">
        {t("listen.at", { now: duration(position), all: duration(all) })}
      </span>
    </div>
  );
}
