import { rill } from "./rill.ts";
import { PROCESS_TERMINAL } from "./terminal.ts";

// Whoever reads may stop reading ("| head"): the work and its exit code stay as they are.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
  });
}

process.exitCode = await rill(process.argv.slice(2), PROCESS_TERMINAL);
