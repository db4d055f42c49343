/**
 * What 16 bits may cost: factors of what the model takes without them. An absent member is no limit; a 1 leaves
 * nothing to pay with.
 */
export interface WidthBudget {
  /** Of parameters in flash plus caches and activations in RAM. */
  readonly bytes?: number;
  /** Of the estimated cycles. */
  readonly cycles?: number;
}
