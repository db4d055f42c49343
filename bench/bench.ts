/** One measured number with its goal, both from the same run on the same machine. */
export interface Measurement {
  readonly what: string;
  readonly value: string;
  /** What the value is held against; absent for numbers that are only told. */
  readonly goal?: { readonly text: string; readonly met: boolean };
}

export interface Bench {
  readonly name: string;
  /** A sentence says why there is nothing to measure here. */
  run(): Promise<readonly Measurement[] | string>;
}

/** CPU seconds (user and system) of the fastest of `runs` calls: other load on the machine hardly enters. */
export function cpuSeconds(runs: number, work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < runs; i++) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1e6);
  }
  return best;
}

/** Wall seconds of an asynchronous piece of work. */
export async function wallSeconds(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return (performance.now() - before) / 1000;
}

/** What a piece of work took. */
export interface Seconds {
  readonly cpu: number;
  readonly wall: number;
}

/** The result of an asynchronous piece of work, and its CPU and wall seconds. */
export async function cpuAndWall<T>(work: () => Promise<T>): Promise<[T, Seconds]> {
  const [cpuBefore, before] = [process.cpuUsage(), performance.now()];
  const result = await work();
  const { user, system } = process.cpuUsage(cpuBefore);
  return [result, { cpu: (user + system) / 1e6, wall: (performance.now() - before) / 1000 }];
}
