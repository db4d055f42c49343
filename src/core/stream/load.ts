/**
 * What a run costs on a device (reference: §10 of the theory): α + β·n for n frames. α is dispatch and the fetch of the
 * weights, paid once per run; β is the arithmetic, paid per frame.
 */
export interface LoadModel {
  readonly macsPerSecond: number;
  /** Rate at which weights come from flash or external memory. */
  readonly weightBytesPerSecond: number;
  /** Fixed seconds per operator and run. */
  readonly dispatchSeconds: number;
}

/**
 * The order of magnitude of a 240 MHz microcontroller with vector instructions and weights in external memory. An
 * assumption to compare splits by, not a measurement of any chip.
 */
export const DEFAULT_LOAD: LoadModel = {
  macsPerSecond: 500e6,
  weightBytesPerSecond: 80e6,
  dispatchSeconds: 10e-6,
};

/** The part of a module's cost that takes time. */
export interface Work {
  readonly macs: number;
  readonly weightBytes: number;
  readonly dispatches: number;
}

/** Seconds of one run. */
export function loadSeconds({ macs, weightBytes, dispatches }: Work, model: LoadModel): number {
  return (
    macs / model.macsPerSecond + weightBytes / model.weightBytesPerSecond + dispatches * model.dispatchSeconds
  );
}
