import { memo, useSyncExternalStore } from "react";
import { chipText } from "./chip-places.ts";
import css from "./graph.module.css";
import type { OverlayEvents } from "./graph-commands.ts";
import type { GraphLabels } from "./graph-labels.ts";
import type { Chip, Overlay, PortalPill } from "./overlay.ts";

interface GraphOverlayProps {
  /** Tells which buttons there are, and of every change of them. */
  readonly source: {
    readonly subscribe: (changed: () => void) => () => void;
    readonly overlay: () => Overlay;
  };
  readonly labels: GraphLabels;
  readonly events: OverlayEvents;
}

/** Buttons over the canvas for marks and portals: what a mouse, a keyboard, a screen reader and a test can press. */
export const GraphOverlay = memo(function GraphOverlay({ source, labels, events }: GraphOverlayProps) {
  const overlay = useSyncExternalStore(source.subscribe, source.overlay);
  const { scale, selected } = overlay;
  return (
    <>
      {overlay.chips.map((chip) => (
        <ChipButton
          key={`${chip.kind}:${chip.value}`}
          chip={chip}
          scale={scale}
          labels={labels}
          onPress={chip.kind === "cache" ? events.onToggleCache : events.onToggleSplit}
        />
      ))}
      {overlay.frames.map(({ id, label, closes, at }) => (
        <button
          key={id}
          type="button"
          className={css.frame}
          data-testid={`group-${label}`}
          aria-label={labels.closeGroup(label)}
          title={labels.closeGroup(label)}
          style={{ left: at.x * scale, top: at.y * scale }}
          onClick={() => events.onCloseGroup(closes)}
        >
          ⊟ <span className={css.portalTitle}>{label}</span>
        </button>
      ))}
      {overlay.portals.map((portal) => (
        <PortalButton key={portal.key} portal={portal} scale={scale} labels={labels} onJump={events.onJump} />
      ))}
      {selected && (
        <div
          className={css.selected}
          data-testid="graph-selected"
          style={{
            left: selected.left * scale,
            top: selected.top * scale,
            width: (selected.right - selected.left) * scale,
            height: (selected.bottom - selected.top) * scale,
          }}
        />
      )}
    </>
  );
});

interface ChipButtonProps {
  readonly chip: Chip;
  readonly scale: number;
  readonly labels: GraphLabels;
  readonly onPress: (value: string) => void;
}

const ChipButton = memo(function ChipButton({ chip, scale, labels, onPress }: ChipButtonProps) {
  const label =
    chip.kind === "cache" ? labels.cacheChip(chip.value, chip.mark) : labels.splitChip(chip.value, chip.mark);
  const glyph = chip.kind === "cache" ? "▣" : "✂";
  const state = chip.kind === "cache" ? chip.mark.state : "accepted";
  return (
    <button
      type="button"
      className={`${css.chip} ${css[chip.kind]}`}
      data-state={state}
      data-compact={chip.compact}
      data-testid={`${chip.kind}-chip-${chip.value}`}
      aria-label={label}
      aria-pressed={state !== "proposed" && state !== "removed"}
      title={label}
      style={{ left: chip.at.x * scale, top: chip.at.y * scale }}
      onClick={() => onPress(chip.value)}
    >
      <span className={css.glyph}>{glyph}</span>
      {!chip.compact && <span className={css.chipText}>{chipText(chip)}</span>}
    </button>
  );
});

interface PortalButtonProps {
  readonly portal: PortalPill;
  readonly scale: number;
  readonly labels: GraphLabels;
  readonly onJump: (node: number) => void;
}

const PortalButton = memo(function PortalButton({ portal, scale, labels, onJump }: PortalButtonProps) {
  const label = labels.portal(portal.title);
  const arrow = portal.end === "source" ? "→" : "←";
  return (
    <button
      type="button"
      className={css.portal}
      data-align={portal.align}
      aria-label={label}
      title={label}
      style={{ left: portal.at.x * scale, top: portal.at.y * scale, fontSize: Math.min(11, 11 * scale) }}
      onClick={() => onJump(portal.to)}
    >
      {arrow} <span className={css.portalTitle}>{portal.title}</span>
      {portal.more > 0 && ` +${portal.more}`}
    </button>
  );
});
