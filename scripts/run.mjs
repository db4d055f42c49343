import { spawnSync } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Root of the repository: scripts work from any current directory. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Runs a command in the foreground from the root and returns its exit code; 127 if it could not start. */
export function run(command, args, env = {}) {
  const result = spawnSync(command, args, {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, ...env },
    shell: process.platform === "win32",
  });
  return result.error ? 127 : (result.status ?? 1);
}

/** Runs a package's executable from node_modules with the Node that runs this script. */
export function runBin(bin, args, env = {}) {
  return run(join(ROOT, "node_modules", ".bin", bin), args, env);
}

/** What a command prints on stdout, or undefined if it fails. */
export function outputOf(command, args) {
  const result = spawnSync(command, args, { encoding: "utf8", timeout: 60_000 });
  return result.status === 0 ? result.stdout : undefined;
}

/** Ends the process with one sentence. */
export function stop(sentence) {
  console.error(sentence);
  process.exit(1);
}
