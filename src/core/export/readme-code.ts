/** Names in running text: code spans, with backticks and pipes of the name kept from ending them. */
export function code(name: string): string {
  return `\`${name.replace(/[`\n\r]/g, "'").replace(/\|/g, "\\|")}\``;
}
