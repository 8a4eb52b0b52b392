/** The milliseconds of processor time that `body` takes in this process: others do not count. */
function cpuMilliseconds(body: () => void): number {
  const start = process.cpuUsage();
  body();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/**
 * How many times as long work of a size takes on the processor as work of an eighth of it: 8 where it
 * grows with the size, 64 where with the square. The machine's speed does not count.
 */
export function cpuGrowth(size: number, work: (size: number) => void): number {
  const least = (n: number): number =>
    Math.min(...Array.from({ length: 3 }, () => cpuMilliseconds(() => work(n))));
  work(size / 8);
  return least(size) / least(size / 8);
}
