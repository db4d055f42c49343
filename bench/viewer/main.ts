import { benchViewer } from "./bench-viewer.ts";

/*
 * The viewer in Chromium, held against its goals; build first. Arguments choose among the models by a part of their name:
 * `npm run bench:viewer -- chain-1000`.
 */
process.exitCode = (await benchViewer(process.argv.slice(2))) > 0 ? 1 : 0;
