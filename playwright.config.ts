import { defineConfig } from "@playwright/test";
import { findChromium } from "./scripts/chromium.mjs";
import { addressOf, SERVERS, type ServerName } from "./test/servers.ts";

const executablePath = findChromium();

/** Journeys in a real Chromium against `dist/`, served as a stranger would serve it. */
export default defineConfig({
  testDir: "e2e",
  outputDir: "test-results",
  workers: 1,
  retries: 0,
  // Several jobs of up to a minute each, on such a machine.
  timeout: 240_000,
  // The first answer of a worker waits for 14 MB of wasm to compile, on a machine that may be busy.
  expect: { timeout: 30_000 },
  use: {
    baseURL: addressOf("plain"),
    viewport: { width: 1440, height: 900 },
    // Every journey is a first visit; offline.spec.ts lets the service worker in.
    serviceWorkers: "block",
    trace: "retain-on-failure",
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    },
  },
  webServer: (Object.keys(SERVERS) as ServerName[]).map((name) => {
    const { port, base, isolated } = SERVERS[name];
    return {
      command: `node scripts/serve.mjs dist --strict-port --port ${port} --base ${base}${isolated ? " --isolated" : ""}`,
      url: addressOf(name),
      reuseExistingServer: false,
    };
  }),
});
