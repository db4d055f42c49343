import { rill } from "./rill.ts";
import { PROCESS_TERMINAL } from "./terminal.ts";

process.exitCode = await rill(process.argv.slice(2), PROCESS_TERMINAL);
