import type { ReactNode } from "react";
import css from "./Badge.module.css";

export type Tone = "neutral" | "ok" | "warn" | "bad" | "accent" | "stale" | "cache" | "split";

/** A short state in words; the colour repeats it. */
export function Badge({
  tone = "neutral",
  children,
}: {
  readonly tone?: Tone;
  readonly children: ReactNode;
}) {
  return <span className={`${css.badge} ${css[tone]}`}>{children}</span>;
}
