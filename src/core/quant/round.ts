/** 1.5·2^52: adding and subtracting it rounds any |x| < 2^51 to an integer, ties to even, by IEEE addition alone. */
const TO_INTEGER = 6755399441055744;

/** Nearest integer, ties to even, for |x| < 2^51. */
export function roundHalfEven(x: number): number {
  return x + TO_INTEGER - TO_INTEGER;
}
