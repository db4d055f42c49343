import { type ReactNode, useEffect, useState } from "react";

/** Mounts its children in a free moment of the page, so that several heavy ones do not block it together. */
export function WhenIdle({ children }: { readonly children: ReactNode }) {
  const [ready, setReady] = useState(false);
  useEffect(() => {
    const show = () => setReady(true);
    // Safari has no idle callbacks; a later task is the next best.
    if (typeof requestIdleCallback !== "function") {
      const timer = setTimeout(show, 50);
      return () => clearTimeout(timer);
    }
    const id = requestIdleCallback(show, { timeout: 2000 });
    return () => cancelIdleCallback(id);
  }, []);
  return ready ? children : null;
}
