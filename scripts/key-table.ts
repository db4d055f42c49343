import { COMMAND_GROUPS } from "../src/state/commands/list.ts";
import { GRAPH_KEYS } from "../src/ui/graph/graph-key-list.ts";
import { en, type MessageKey, zhCN } from "../src/ui/i18n/messages.ts";

interface Row {
  readonly label: MessageKey;
  readonly keys: readonly string[];
}

/** Every key and command in both languages, as Markdown. `Mod` is ⌘ on a Mac and Ctrl elsewhere. */
export function keyTable(): string {
  const groups = COMMAND_GROUPS.map(({ id, commands }) =>
    table(
      `command.group.${id}`,
      commands.map((c) => ({ label: `command.${c.id}`, keys: c.keys })),
    ),
  );
  const graph = table(
    "command.group.graph",
    GRAPH_KEYS.map(({ id, keys }) => ({ label: `graphKey.${id}`, keys })),
  );
  const head =
    "# Keys and commands · 快捷键与命令\n\n`Mod` is ⌘ on a Mac and Ctrl elsewhere. Single letters can be switched off in the page's key table (`?`). `Mod+f` searches only while the graph or nothing has the focus; `Escape` asks before it cancels. Commands without a key are in the palette.\n";
  return [head, ...groups, graph].join("\n");
}

function table(heading: MessageKey, rows: readonly Row[]): string {
  const lines = rows.map(({ label, keys }) => `| ${keysText(keys)} | ${en[label]} | ${zhCN[label]} |`);
  return `## ${en[heading]} · ${zhCN[heading]}\n\n| key | | |\n| --- | --- | --- |\n${lines.join("\n")}\n`;
}

function keysText(keys: readonly string[]): string {
  return keys.map((key) => `\`${key}\``).join(" ");
}
