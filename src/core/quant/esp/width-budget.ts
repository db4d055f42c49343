/**
 * What 16 bits may cost: factors of what the model takes without them. An absent member is no limit; 1 buys what costs nothing.
 */
export interface WidthBudget {
  /** Of parameters in flash plus caches and activations in RAM. */
  readonly bytes?: number;
  /** Of the estimated cycles. */
  readonly cycles?: number;
}
