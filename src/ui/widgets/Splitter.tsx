import type { KeyboardEvent, PointerEvent } from "react";
import css from "./Splitter.module.css";

export interface SplitterProps {
  readonly label: string;
  /** Direction in which the bar moves. */
  readonly along: "x" | "y";
  readonly size: number;
  readonly min: number;
  readonly max: number;
  /** −1 when moving right or down makes the panel smaller. */
  readonly sign?: 1 | -1;
  readonly onResize: (size: number) => void;
}

/** A bar between two areas, moved by pointer or arrow keys. */
export function Splitter({ label, along, size, min, max, sign = 1, onResize }: SplitterProps) {
  const resize = (to: number) => onResize(Math.round(Math.min(max, Math.max(min, to))));
  const drag = (start: PointerEvent<HTMLDivElement>) => {
    const bar = start.currentTarget;
    const from = along === "x" ? start.clientX : start.clientY;
    bar.setPointerCapture(start.pointerId);
    bar.onpointermove = (event) => {
      const now = along === "x" ? event.clientX : event.clientY;
      resize(size + sign * (now - from));
    };
    bar.onpointerup = () => {
      bar.onpointermove = null;
    };
  };
  const step = (event: KeyboardEvent) => {
    const [less, more] = along === "x" ? ["ArrowLeft", "ArrowRight"] : ["ArrowUp", "ArrowDown"];
    const move = event.key === more ? 16 : event.key === less ? -16 : 0;
    if (move === 0) return;
    event.preventDefault();
    resize(size + sign * move);
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a movable separator is focusable and has a value; <hr> has neither
    <div
      role="separator"
      aria-label={label}
      aria-orientation={along === "x" ? "vertical" : "horizontal"}
      aria-valuenow={size}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      className={`${css.splitter} ${css[along]}`}
      onPointerDown={drag}
      onKeyDown={step}
    />
  );
}
