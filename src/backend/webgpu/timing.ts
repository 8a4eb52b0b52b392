import type { Backend, Recording } from '../backend';

/** Milliseconds that are told apart well; a run that is shorter is repeated... */
const ROUND_MS = 10;
/** ...so often at most. */
const MAX_RUNS = 64;
const ROUNDS = 3;
/**
 * Replays of a recording, one behind the other, at most: a GPU goes through one while the next is given, so that only
 * the first one's commands are waited for. A software adapter needs the cores that give commands.
 */
const REPLAYS = { hardware: 4, software: 1 };
/** Milliseconds of replays, about; a run that is longer by itself is told well enough without a recording. */
const MOST_MS = 200;
/** What a wait takes varies by this part of it. */
const WAIT_PARTS = 10;
/** A candidate that is so many times slower than the fastest is not timed any further. */
const MAX_RATIO = 4;
/**
 * Milliseconds of work before a round: the clock of an idle GPU falls to a fraction within a fraction
 * of a second, and reading times on the host is such a rest.
 */
const WARM_UP_MS = 20;
/** In one batch of it, which a submit holds... */
const MAX_WARM_UP_RUNS = 256;
/** ...and batches, should the clock stand still. */
const MAX_WARM_UP_BATCHES = 1000;

/** The least milliseconds of a run of each of `count` candidates; looks at `end` between rounds. */
export async function timeCandidates(
  backend: Backend,
  run: (candidate: number) => void,
  count: number,
  end: number,
): Promise<number[]> {
  // Deno takes more than ten milliseconds to see that there is nothing to wait for.
  const wait = Math.min(await timeOf(backend, () => {}), await timeOf(backend, () => {}));
  const all = [...Array(count).keys()];
  const best = all.map(() => Infinity);
  const inTime = (): boolean => performance.now() < end;
  // One after the other in each round: clocks and neighbours change with time.
  const round = async (
    among: readonly number[],
    runs: number,
    body: (candidate: number) => void,
  ) => {
    for (const i of among) {
      const time = Math.max((await timeOf(backend, () => body(i))) - wait, 0);
      best[i] = Math.min(best[i], time / runs);
    }
  };
  for (let i = 0; i < 2 && (i === 0 || inTime()); i++) {
    await warmUp(backend, () => run(0));
    await round(all, 1, run);
  }
  const fastest = Math.max(Math.min(...best), wait / WAIT_PARTS);
  const hardware = onHardware(backend);
  const most = hardware ? REPLAYS.hardware : REPLAYS.software;
  const replays = Math.min(most, Math.floor(MOST_MS / fastest));
  const wanted = Math.min(Math.round(ROUND_MS / replays / fastest), MAX_RUNS);
  // On a GPU a run that is not recorded may take longer to be given than to be done.
  const runs = hardware ? Math.max(wanted, 1) : wanted;
  if (replays === 0 || runs * replays <= 1 || !inTime()) return best;
  const likely = all.filter((i) => best[i] <= MAX_RATIO * fastest);
  // Long runs have much memory, which a recording keeps: one at a time.
  for (const group of runs > 1 ? [likely] : likely.map((i) => [i])) {
    if (!inTime()) break;
    await timeRecorded(group);
  }
  return best;

  /** Recorded, so that a round's time is the GPU's and not that of giving commands. */
  async function timeRecorded(group: readonly number[]): Promise<void> {
    const recordings = new Map<number, Recording>();
    try {
      for (const i of group) {
        const recording = backend.record(() => {
          for (let n = 0; n < runs; n++) run(i);
        });
        recordings.set(i, recording);
        // A time of the first rounds, less a wait that took long, may be less than any.
        best[i] = Infinity;
      }
      await backend.finish();
      for (let i = 0; i < ROUNDS && (i === 0 || inTime()); i++) {
        await warmUp(backend, () => recordings.get(group[0])!.replay());
        await round(group, runs * replays, (candidate) => {
          for (let n = 0; n < replays; n++) recordings.get(candidate)!.replay();
        });
      }
    } finally {
      for (const recording of recordings.values()) recording.free();
    }
  }
}

/** Milliseconds until what `body` asks for is done. */
async function timeOf(backend: Backend, body: () => void): Promise<number> {
  const start = performance.now();
  body();
  await backend.finish();
  return performance.now() - start;
}

function onHardware({ tunable }: Backend): boolean {
  return tunable?.software === false;
}

/** Repeats `run`, in batches that double up to a size, so that a GPU is busy until it has its full clock. */
async function warmUp(backend: Backend, run: () => void): Promise<void> {
  if (!onHardware(backend)) return;
  const until = performance.now() + WARM_UP_MS;
  for (let batch = 0; batch < MAX_WARM_UP_BATCHES && performance.now() < until; batch++) {
    const runs = Math.min(2 ** batch, MAX_WARM_UP_RUNS);
    for (let i = 0; i < runs; i++) run();
    await backend.finish();
  }
}
