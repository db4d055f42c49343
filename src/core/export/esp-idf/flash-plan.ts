/** Where the first partition of an ESP-IDF project may begin, and what its program may take. */
export const APP_OFFSET = 0x10000;
export const APP_BYTES = 0x200000;
/** The flash is mapped in pages of this size. */
const PAGE = 0x10000;
const MEBIBYTE = 0x100000;
/** Sizes that modules come with, in MiB. */
const MODULES = [4, 8, 16, 32, 64, 128];

/** Room for the models and a quarter more, in whole pages. */
export function partitionBytes(imageBytes: number): number {
  return Math.ceil((imageBytes * 1.25) / PAGE) * PAGE;
}

/** Flash of the smallest module, in MiB, that holds a program and so many bytes of models. */
export function moduleMebibytes(imageBytes: number): number {
  const need = APP_OFFSET + APP_BYTES + partitionBytes(imageBytes);
  return MODULES.find((size) => size * MEBIBYTE >= need) ?? 128;
}
