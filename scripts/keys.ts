import { writeFileSync } from "node:fs";
import { keyTable } from "./key-table.ts";

/** Writes docs/keys.md from the list of commands: `npm run keys`. */
writeFileSync(new URL("../docs/keys.md", import.meta.url), keyTable());
