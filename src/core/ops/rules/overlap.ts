/**
 * Earlier frames that an overlap-add must see again to finish a frame: windows of `kernel` frames, `stride` apart
 * (reference: row 16 of the transfer table).
 */
export function overlapHistory(kernel: number, stride: number): number {
  return Math.ceil(kernel / stride) - 1;
}
