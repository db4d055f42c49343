import { chipText } from "./chip-places.ts";
import css from "./graph.module.css";
import type { GraphLabels } from "./graph-labels.ts";
import type { Chip, Overlay, PortalPill } from "./overlay.ts";

interface GraphOverlayProps {
  readonly overlay: Overlay;
  readonly labels: GraphLabels;
  readonly onToggleCache: (value: string) => void;
  readonly onToggleSplit: (value: string) => void;
  readonly onCloseGroup: (id: string) => void;
  /** To the box at the other end of a portal. */
  readonly onJump: (node: number) => void;
}

/** Buttons over the canvas for marks and portals: what a mouse, a keyboard, a screen reader and a test can press. */
export function GraphOverlay({
  overlay,
  labels,
  onToggleCache,
  onToggleSplit,
  onCloseGroup,
  onJump,
}: GraphOverlayProps) {
  const { scale, selected } = overlay;
  return (
    <>
      {overlay.chips.map((chip) => (
        <ChipButton
          key={`${chip.kind}:${chip.value}`}
          chip={chip}
          scale={scale}
          label={
            chip.kind === "cache"
              ? labels.cacheChip(chip.value, chip.mark)
              : labels.splitChip(chip.value, chip.mark)
          }
          onPress={chip.kind === "cache" ? onToggleCache : onToggleSplit}
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
          onClick={() => onCloseGroup(closes)}
        >
          ⊟ <span className={css.portalTitle}>{label}</span>
        </button>
      ))}
      {overlay.portals.map((portal) => (
        <PortalButton
          key={portal.key}
          portal={portal}
          scale={scale}
          label={labels.portal(portal.title)}
          onJump={onJump}
        />
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
}

interface ChipButtonProps {
  readonly chip: Chip;
  readonly scale: number;
  readonly label: string;
  readonly onPress: (value: string) => void;
}

function ChipButton({ chip, scale, label, onPress }: ChipButtonProps) {
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
}

interface PortalButtonProps {
  readonly portal: PortalPill;
  readonly scale: number;
  readonly label: string;
  readonly onJump: (node: number) => void;
}

function PortalButton({ portal, scale, label, onJump }: PortalButtonProps) {
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
}
