/** The keys of the graph as the key table prints them: chords of one row belong together. Their text is `graphKey.<id>`. */
export const GRAPH_KEYS = [
  { id: "next", keys: ["ArrowDown", "ArrowUp"] },
  { id: "sibling", keys: ["ArrowLeft", "ArrowRight"] },
  {
    id: "extend",
    keys: ["Shift+ArrowDown", "Shift+ArrowUp", "Shift+ArrowLeft", "Shift+ArrowRight"],
  },
  { id: "toggleSelected", keys: ["Space"] },
  { id: "inspect", keys: ["Enter"] },
  { id: "menu", keys: ["Shift+F10", "ContextMenu"] },
  { id: "clear", keys: ["Escape"] },
  { id: "upstream", keys: ["u"] },
  { id: "downstream", keys: ["d"] },
  { id: "trouble", keys: ["n", "p"] },
  { id: "mark", keys: ["m", "Shift+m"] },
  { id: "fitSelection", keys: ["f"] },
  { id: "fitAll", keys: ["0"] },
  { id: "zoom", keys: ["+", "-"] },
  { id: "pan", keys: ["w", "a", "Shift+s", "Shift+d"] },
] as const;
