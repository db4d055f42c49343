import { createRoot } from "react-dom/client";
import { StudioError } from "./core/base/problem.ts";
import { keepOffline } from "./keep-offline.ts";
import { loadSamples } from "./state/sample.ts";
import { Sessions } from "./state/sessions/sessions.ts";
import { createStudio } from "./state/studio.ts";
import { browserSessions } from "./store/browser-sessions.ts";
import { createSessionDatabase } from "./store/session-database.ts";
import { App } from "./ui/app/App.tsx";
import { afterPaint } from "./ui/app/after-paint.ts";
import { preparePicture } from "./ui/app/prepare-picture.ts";
import { createShell } from "./ui/app/shell.ts";
import "./ui/app/theme.css";
import { WorkerHost, type WorkerLike } from "./worker/host.ts";

const spawn = (): WorkerLike =>
  new Worker(new URL("./worker/entry.ts", import.meta.url), { type: "module", name: "rill" });

const spawnDrawing = (): WorkerLike =>
  new Worker(new URL("./worker/entry/drawing.ts", import.meta.url), { type: "module", name: "rill drawing" });

async function fetchAsset(path: string): Promise<Blob> {
  const response = await fetch(new URL(path, document.baseURI));
  if (!response.ok) throw new StudioError({ code: "file.notFound", file: path });
  return response.blob();
}

const LONGEST_WAIT_MS = 500;

/** When the browser is idle; soon, where it cannot tell. */
const idle = () =>
  new Promise<void>((resolve) => {
    if ("requestIdleCallback" in window) requestIdleCallback(() => resolve(), { timeout: LONGEST_WAIT_MS });
    else setTimeout(resolve, 0);
  });

const studio = createStudio({
  hosts: {
    quick: new WorkerHost({ spawn }),
    heavy: new WorkerHost({ spawn }),
    drawing: new WorkerHost({ spawn: spawnDrawing }),
  },
  storage: window.localStorage,
  languages: navigator.languages,
  fetchAsset,
  screen: { idle, painted: () => new Promise(afterPaint), prepare: preparePicture },
});

const sessions = new Sessions({
  ...browserSessions(),
  studio,
  keeper: createSessionDatabase(),
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") void sessions.flush();
  else void sessions.refresh();
});
window.addEventListener("pagehide", () => sessions.leave());

void loadSamples(studio);
void sessions.start();

const root = document.getElementById("root");
if (!root) throw new Error("no #root in the page");
if (import.meta.env.PROD) void keepOffline(studio.installation);
createRoot(root).render(<App studio={studio} sessions={sessions} shell={createShell(studio, sessions)} />);
