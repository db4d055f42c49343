const SIGNATURE = [137, 80, 78, 71, 13, 10, 26, 10];
const TRUE_COLOUR = 2;
/** Filter that stores differences to the row above: plain ground becomes zeros. */
const UP = 2;

/** Writes a PNG row by row, so that a picture may be larger than any canvas: only compressed bytes are kept. */
export class PngStream {
  readonly #rowBytes: number;
  readonly #writer: WritableStreamDefaultWriter<BufferSource>;
  readonly #compressed: Promise<readonly Uint8Array<ArrayBuffer>[]>;
  readonly #head: Uint8Array<ArrayBuffer>;
  #above: Uint8Array;

  constructor(width: number, height: number) {
    this.#rowBytes = 3 * width;
    this.#above = new Uint8Array(this.#rowBytes);
    const zlib = new CompressionStream("deflate");
    this.#writer = zlib.writable.getWriter();
    this.#compressed = collect(zlib.readable);
    this.#head = headOf(width, height);
  }

  /** Appends rows of RGB bytes. */
  async rows(rgb: Uint8Array): Promise<void> {
    const size = this.#rowBytes;
    const count = rgb.length / size;
    const filtered = new Uint8Array(count * (size + 1));
    for (let row = 0; row < count; row++) {
      const above = row === 0 ? this.#above : rgb.subarray((row - 1) * size, row * size);
      const from = row * size;
      const to = row * (size + 1);
      filtered[to] = UP;
      for (let i = 0; i < size; i++) filtered[to + 1 + i] = (rgb[from + i] ?? 0) - (above[i] ?? 0);
    }
    this.#above = rgb.slice((count - 1) * size);
    await this.#writer.write(filtered);
  }

  /** The file, in pieces. */
  async finish(): Promise<readonly Uint8Array<ArrayBuffer>[]> {
    await this.#writer.close();
    const data = await this.#compressed;
    return [
      Uint8Array.from(SIGNATURE),
      chunk("IHDR", this.#head),
      ...data.map((bytes) => chunk("IDAT", bytes)),
      chunk("IEND", new Uint8Array()),
    ];
  }
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<readonly Uint8Array<ArrayBuffer>[]> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read())
    pieces.push(new Uint8Array(next.value));
  return pieces;
}

function headOf(width: number, height: number): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(13);
  const view = new DataView(head.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  head.set([8, TRUE_COLOUR, 0, 0, 0], 8);
  return head;
}

/** Length, name, data, checksum (PNG specification, 5.3). */
function chunk(name: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(data.length + 12);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  for (let i = 0; i < 4; i++) bytes[4 + i] = name.charCodeAt(i);
  bytes.set(data, 8);
  view.setUint32(data.length + 8, crc32(bytes.subarray(4, data.length + 8)));
  return bytes;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; k++) c = c & 1 ? 0xed_b8_83_20 ^ (c >>> 1) : c >>> 1;
  return c;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xff_ff_ff_ff;
  for (const byte of bytes) crc = (CRC_TABLE[(crc ^ byte) & 255] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xff_ff_ff_ff) >>> 0;
}
