import type { InstallationStore } from "./state/installation.ts";

/**
 * Has the browser keep the page and its runtime, so that both work without a network. A newer version waits until the person
 * asks for it; starting it reloads the page. Where the browser allows no service worker, nothing is kept and nothing else changes.
 */
export async function keepOffline(installation: InstallationStore): Promise<void> {
  const container = navigator.serviceWorker;
  if (container === undefined) return;
  // A page that was opened from what is kept says so at once; a first visit hears of its becoming ready.
  const before = container.controller;
  if (before) installation.setState({ offline: true });
  let started = false;
  let kept = before !== null;
  container.addEventListener("controllerchange", () => {
    if (started) location.reload();
    // Another tab has started it: the files of this page's version are gone, but work may be under way here.
    else if (kept) installation.setState({ update: () => location.reload() });
    else installation.setState({ offline: true });
    kept = true;
  });
  const offer = (waiting: ServiceWorker) => {
    const update = () => {
      started = true;
      waiting.postMessage("start");
    };
    installation.setState({ update });
  };
  const registration = await container.register("./sw.js").catch(() => undefined);
  if (!registration) return;
  if (registration.waiting && before) offer(registration.waiting);
  const follow = (fresh: ServiceWorker | null) =>
    fresh?.addEventListener("statechange", () => {
      if (fresh.state === "installed" && container.controller) offer(fresh);
    });
  // The browser may have found it while the page was still loading.
  follow(registration.installing);
  registration.addEventListener("updatefound", () => follow(registration.installing));
}
