import { useEffect } from "react";
import type { ViewStore } from "../../state/view.ts";

/** Below this width the inspector and the drawer lie over the graph; the same number stands in the style sheets. */
const NARROW = "(max-width: 1023px)";

/** Closes what would cover the graph when the window becomes narrow, and opens it again when it becomes wide. */
export function useNarrow(view: ViewStore): void {
  useEffect(() => {
    const media = matchMedia(NARROW);
    let closed = {};
    const adapt = () => {
      if (!media.matches) {
        view.setState(closed);
        return;
      }
      const { inspectorOpen, drawerOpen } = view.getState();
      closed = { inspectorOpen, drawerOpen };
      view.setState({ inspectorOpen: false, drawerOpen: false });
    };
    if (media.matches) adapt();
    media.addEventListener("change", adapt);
    return () => media.removeEventListener("change", adapt);
  }, [view]);
}
