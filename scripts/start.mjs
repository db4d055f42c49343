import { join } from "node:path";
import { ensurePackages } from "./packages.mjs";
import { ROOT, runBin, stop } from "./run.mjs";
import { serveFolder } from "./serve.mjs";

ensurePackages();
if (runBin("vite", ["build", "--logLevel", "warn"]) !== 0) stop("The build failed.");
const port = Number(process.env.PORT ?? 4173);
const { url } = await serveFolder({ folder: join(ROOT, "dist"), port, isolated: true });
console.log(`\nRill is at ${url}\nStop it with Ctrl+C.`);
