/** UTF-8 bytes of a text; lone surrogates become U+FFFD, as TextEncoder writes them. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let at = 0;
  for (const char of text) {
    const point = char.codePointAt(0) ?? 0;
    const code = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
    if (code < 0x80) bytes[at++] = code;
    else {
      const tail = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
      bytes[at++] = (0xf0 << (3 - tail)) | (code >> (6 * tail));
      for (let i = tail - 1; i >= 0; i--) bytes[at++] = 0x80 | ((code >> (6 * i)) & 0x3f);
    }
  }
  return bytes.slice(0, at);
}

const SMALLEST = [0, 0x80, 0x800, 0x10000];

/** Text of UTF-8 bytes; each malformed byte becomes U+FFFD. A byte order mark is kept. */
export function decodeUtf8(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0;
    const tail =
      first < 0x80 ? 0 : first >= 0xf0 && first < 0xf8 ? 3 : first >= 0xe0 ? 2 : first >= 0xc2 ? 1 : -1;
    const code = first >= 0xf8 || tail < 0 ? -1 : readTail(bytes, at, tail);
    if (code < 0) {
      text += "\ufffd";
      at++;
    } else {
      text += String.fromCodePoint(code);
      at += tail + 1;
    }
  }
  return text;
}

/** Code point that starts at `at` with `tail` continuation bytes; −1 if malformed, overlong or a surrogate. */
function readTail(bytes: Uint8Array, at: number, tail: number): number {
  const first = bytes[at] ?? 0;
  if (tail === 0) return first;
  let code = first & (0x3f >> tail);
  for (let i = 1; i <= tail; i++) {
    const byte = bytes[at + i] ?? 0;
    if ((byte & 0xc0) !== 0x80) return -1;
    code = (code << 6) | (byte & 0x3f);
  }
  const valid = code >= (SMALLEST[tail] ?? 0) && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return valid ? code : -1;
}
