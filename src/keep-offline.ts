import { registerSW } from "virtual:pwa-register";
import type { InstallationStore } from "./state/installation.ts";

/**
 * Has the browser keep the page and its runtime, so that both work without a network. A newer version waits until the person
 * asks for it. Where the browser allows no service worker, nothing is kept and nothing else changes.
 */
export function keepOffline(installation: InstallationStore): void {
  const { serviceWorker } = navigator;
  if (serviceWorker === undefined) return;
  const update = registerSW({
    onNeedRefresh: () => installation.setState({ update: () => void update() }),
    onOfflineReady: () => installation.setState({ offline: true }),
    onRegisterError: () => {},
  });
  // A page that was opened from what is kept says so too; only a first visit hears of its becoming ready.
  if (serviceWorker.controller) installation.setState({ offline: true });
}
