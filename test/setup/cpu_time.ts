/**
 * The milliseconds of processor time that `body` takes in this process: that of other programs does
 * not count.
 */
export function cpuMilliseconds(body: () => void): number {
  const start = process.cpuUsage();
  body();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
