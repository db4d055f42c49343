/** An element of a parsed file. For tests. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Of its own and of everything inside. */
  readonly text: string;
}

interface Open {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: XmlElement[];
  text: string;
}

const NAMED: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** Parses the part of XML 1.0 that our files use; throws at whatever is not well-formed. For tests. */
export function parseXml(file: string): XmlElement {
  const illegal = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/u.exec(file);
  if (illegal) throw new Error(`illegal character at ${illegal.index}`);
  const stack: Open[] = [{ name: "", attributes: {}, children: [], text: "" }];
  const token = /<\?xml[^?]*\?>|<\/([\w:-]+)>|<([\w:-]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy;
  let at = 0;
  for (let match = token.exec(file); match; match = token.exec(file)) {
    at = token.lastIndex;
    const [, closed, opened, attributes = "", empty, text] = match;
    const top = stack.at(-1);
    if (text !== undefined && top) top.text += decoded(text);
    if (opened !== undefined)
      stack.push({ name: opened, attributes: pairsOf(attributes), children: [], text: "" });
    if (closed !== undefined && top?.name !== closed) throw new Error(`</${closed}> closes <${top?.name}>`);
    if (closed !== undefined || empty === "/") close(stack);
  }
  const [root] = stack;
  if (at !== file.length || stack.length !== 1 || root?.children.length !== 1)
    throw new Error(`not well-formed at ${at}: ${file.slice(at, at + 40)}`);
  return root.children[0] as XmlElement;
}

function close(stack: Open[]): void {
  const done = stack.pop();
  const parent = stack.at(-1);
  if (!done || !parent) throw new Error("closed too often");
  parent.children.push(done);
  parent.text += done.text;
}

function pairsOf(attributes: string): Record<string, string> {
  const pairs = [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].map(
    ([, name = "", value = ""]) => name && [name, decoded(value)],
  );
  if (new Set(pairs.map((p) => p[0])).size !== pairs.length) throw new Error(`twice in ${attributes}`);
  return Object.fromEntries(pairs as [string, string][]);
}

function decoded(text: string): string {
  if (/&(?!(?:amp|lt|gt|quot|apos);)/.test(text)) throw new Error(`a bare & in ${text}`);
  return text.replace(/\r\n?/g, "\n").replace(/&(\w+);/g, (_, name: string) => NAMED[name] ?? "");
}

/** Texts of all elements of a name, in order. For tests. */
export function textsIn(root: XmlElement, name: string): readonly string[] {
  return [...(root.name === name ? [root.text] : []), ...root.children.flatMap((c) => textsIn(c, name))];
}
