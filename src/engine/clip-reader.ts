import type { ValueName } from "../core/ir/graph.ts";
import type { Tensor } from "../core/ir/tensor.ts";

/** One clip as the model's inputs see it: features already computed, read block by block. */
export interface ClipReader {
  readonly file: string;
  /** Model-input frames in the whole clip. */
  readonly frames: number;
  /** Duration of the audio; 0 for ready-made tensors. */
  readonly seconds: number;
  /** From the first frame again. */
  rewind(): void;
  /** The next `count` frames (fewer at the end) of every streaming input, in the model's layout; undefined at the end. */
  read(count: number): Promise<Readonly<Record<ValueName, Tensor>> | undefined>;
}
