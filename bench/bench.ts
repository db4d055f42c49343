/** One measured number with its goal, both from the same run on the same machine. */
export interface Measurement {
  readonly what: string;
  readonly value: string;
  /** What the value is held against; absent for numbers that are only told. */
  readonly goal?: { readonly text: string; readonly met: boolean };
}

export interface Bench {
  readonly name: string;
  run(): Promise<readonly Measurement[]>;
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
