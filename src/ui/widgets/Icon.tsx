const PATHS = {
  undo: "M6 4 2.5 7.5 6 11M3 7.5h6.5a4 4 0 0 1 0 8H7",
  redo: "M10 4l3.5 3.5L10 11M13 7.5H6.5a4 4 0 0 0 0 8H9",
  check: "m3 8.5 3.5 3.5L13 4.5",
  warn: "M8 2.5 14.5 14h-13zM8 7v3.2M8 12v.1",
  close: "m4 4 8 8M12 4l-8 8",
  left: "M10 3 5 8l5 5",
  right: "m6 3 5 5-5 5",
  theme: "M8 2a6 6 0 1 0 0 12zM8 2a6 6 0 0 1 0 12",
  command: "M3 4l4 4-4 4M8.5 12H13",
  help: "M5.8 6a2.2 2.2 0 1 1 3.2 2c-.7.4-1 .8-1 1.6M8 12v.1",
  file: "M4 1.8h5l3 3v9.4H4zM9 1.8v3h3",
  folder: "M1.8 4V13h12.4V5H8L6.5 3.2H1.8z",
  play: "M5 3.2v9.6L13 8z",
  pause: "M5 3v10M11 3v10",
  dot: "M8 8h.01",
  lock: "M4 7.5h8v6H4zM5.5 7.5V5.3a2.5 2.5 0 0 1 5 0v2.2",
  download: "M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11",
  drawer: "M2 3h12v10H2zM2 9.5h12",
  panel: "M2 3h12v10H2zM10 3v10",
  cache: "M3 4h10v8H3zM5.5 4v8M10.5 4v8",
  split: "M2 8h3M7 8h2M11 8h3M8 2v3M8 11v3",
  edit: "m3 13 .7-3L10.5 3.2l2.3 2.3L6 12.3z",
  trash: "M3 4.5h10M6 4.5V3h4v1.5M4.5 4.5l.6 8.7h5.8l.6-8.7",
  clock: "M8 2.2a5.8 5.8 0 1 0 0 11.6A5.8 5.8 0 0 0 8 2.2M8 5v3.2l2.2 1.6",
} as const;

export type IconName = keyof typeof PATHS;

/** A 16-px line icon; always beside a text or inside a labelled button. */
export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" fill="none" aria-hidden="true" focusable="false">
      <path
        d={PATHS[name]}
        stroke="currentColor"
        strokeWidth={name === "dot" ? 4 : 1.5}
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
