import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, run, stop } from "./run.mjs";

/** Installs the npm packages if node_modules is missing or differs from package-lock.json. */
export function ensurePackages() {
  const [major = 0] = process.versions.node.split(".").map(Number);
  if (major < 20) stop(`Node 20 or newer is needed; this is Node ${process.versions.node}.`);
  if (installed()) return;
  console.log("Installing npm packages…");
  if (run("npm", ["ci", "--include=dev", "--no-audit", "--no-fund", "--loglevel=notice"]) !== 0)
    stop("npm ci failed.");
}

/** npm records what it installed in node_modules/.package-lock.json; optional packages of other platforms are absent. */
function installed() {
  const record = join(ROOT, "node_modules", ".package-lock.json");
  if (!existsSync(record)) return false;
  const wanted = packagesOf(join(ROOT, "package-lock.json"));
  const present = packagesOf(record);
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === "") return true;
    const have = present[path];
    return have ? have.version === entry.version && have.integrity === entry.integrity : entry.optional;
  });
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, "utf8")).packages ?? {};
}
