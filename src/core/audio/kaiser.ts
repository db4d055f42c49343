/** Modified Bessel function of the first kind, order 0, by its power series; relative error below 1e-14 for x ≤ 20. */
function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}

/** Kaiser window at `position` in [−1, 1] (0 outside), 1 at the centre. A beta of 10 keeps side lobes below −100 dB. */
export function kaiser(position: number, beta: number): number {
  const rest = 1 - position * position;
  return rest <= 0 ? 0 : besselI0(beta * Math.sqrt(rest)) / besselI0(beta);
}
