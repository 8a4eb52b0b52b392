import { expose, proxy, transfer } from 'comlink';

import { DeviceError, openDevice } from '../../src/index';
import { modelOnly } from '../../src/train/index';
import type { SampleOptions } from '../../src/train/index';
import { cellsService } from './cells/service';
import { LISTENING } from './endpoint';
import { flowService } from './gradients/service';
import { graphService } from './graph/service';
import { Keeper } from './keeper';
import { problemOf } from './problem';
import type {
  Failure,
  Listener,
  Problem,
  RestoredRun,
  RunSettings,
  TextSource,
  TrainingService,
} from './protocol';
import { Run } from './run';
import { decodeRunFile, encodeRunFile } from './run_file';
import type { SavedRun } from './run_file';

let emit: Listener = () => {};
let run: Run | undefined;
/** The snapshot to come back to. */
let last: SavedRun | undefined;
/** Times that a device was lost since the last snapshot. */
let losses = 0;
const keeping = Keeper.open();

/** Losses in a row without a snapshot between them, after which a device is given up. */
const MOST_LOSSES = 3;
const MOST_ATTEMPTS = 5;

async function close(): Promise<void> {
  const closing = run;
  run = undefined;
  await closing?.close();
}

/** Keeps a snapshot here, and in the browser where it lets us. Training goes on in any case. */
async function save(saved: SavedRun): Promise<void> {
  last = saved;
  losses = 0;
  const keeper = await keeping;
  try {
    if (typeof keeper === 'string') throw new Error(keeper);
    await keeper.save(saved);
    emit({ kind: 'kept', step: saved.step });
  } catch (error) {
    emit({ kind: 'not kept', reason: reasonOf(error) });
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'QuotaExceededError') {
    return 'The storage of this browser is full.';
  }
  return error instanceof Error ? error.message : String(error);
}

/** A run that failed is closed before the page hears of it; one whose device is gone may come back. */
const listen: Listener = (event) => {
  if (event.kind !== 'failed') return emit(event);
  const wasTraining = run?.wanted ?? false;
  const saved = event.problem.kind === 'lost' && losses++ < MOST_LOSSES ? last : undefined;
  void close()
    .then(async () => {
      if (!saved || !(await recover(saved, event.problem, wasTraining))) emit(event);
    })
    .catch(() => emit(event));
};

/** Goes on from the snapshot, on a new device. False when there is none to be had. */
async function recover(
  saved: SavedRun,
  { message }: Problem,
  wasTraining: boolean,
): Promise<boolean> {
  for (let attempt = 0; !run && attempt < MOST_ATTEMPTS; attempt++) {
    // A GPU process that has crashed takes a moment to be there again.
    await new Promise((resolve) => setTimeout(resolve, attempt * 500));
    run = await Run.resume(saved, beginningOf(saved)).catch(() => undefined);
  }
  if (!run) return false;
  const { info, journal } = run;
  emit({ kind: 'recovered', info, journal, step: saved.step, reason: message });
  if (wasTraining) run.resume();
  return true;
}

function beginningOf({ source, settings }: { source: TextSource; settings: RunSettings }) {
  return { source, settings, listen, save };
}

/** Opens a run; only then the one before ends. */
async function replace(open: () => Promise<Run>): Promise<Run> {
  const opened = await open();
  await close();
  run = opened;
  return opened;
}

/** Takes over a run that was saved, at rest. */
async function takeOver(load: () => Promise<SavedRun> | SavedRun): Promise<RestoredRun | Failure> {
  try {
    let saved = await load();
    const attempt = () => replace(() => Run.resume(saved, beginningOf(saved)));
    const { info, journal } = await attempt().catch((error: unknown) => {
      if (!(error instanceof DeviceError)) throw error;
      // It was saved where there was another device.
      saved = { ...saved, settings: { ...saved.settings, device: 'auto' } };
      return attempt();
    });
    last = saved;
    return { info, journal, source: saved.source, settings: saved.settings };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

// A step that was under way when its device went away.
self.addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  if (run) listen({ kind: 'failed', problem: problemOf(event.reason) });
});

const service: TrainingService = {
  connect(listener) {
    emit = listener;
  },

  async probe() {
    const device = await openDevice('auto');
    const { kind, description, reason } = device;
    device.dispose();
    return { kind, description, reason };
  },

  async open(source: TextSource, settings: RunSettings) {
    try {
      const opened = await replace(() => Run.open(beginningOf({ source, settings })));
      last = undefined;
      void opened.begin();
      return { info: opened.info };
    } catch (error) {
      return { problem: problemOf(error) };
    }
  },

  async restore() {
    const keeper = await keeping;
    if (typeof keeper === 'string') {
      emit({ kind: 'not kept', reason: keeper });
      return null;
    }
    const saved = await keeper.load().catch(() => undefined);
    return saved ? takeOver(() => saved) : null;
  },

  async importRun(bytes, name) {
    const outcome = await takeOver(() => decodeRunFile(bytes, name));
    if (!('problem' in outcome) && last) await save(last);
    return outcome;
  },

  async exportRun(what) {
    if (!run) return null;
    try {
      const saved = await run.snapshot();
      const bytes = what === 'run' ? encodeRunFile(saved) : modelOnly(saved.checkpoint);
      return transfer({ bytes }, [bytes.buffer]);
    } catch (error) {
      return { problem: problemOf(error) };
    }
  },

  resume() {
    run?.resume();
  },

  async pause() {
    await run?.pause();
  },

  async step() {
    await run?.step();
  },

  async evaluate() {
    await run?.evaluate();
  },

  async write(options: SampleOptions): Promise<Problem | null> {
    try {
      await run?.write(options);
      return null;
    } catch (error) {
      return problemOf(error);
    }
  },

  stopWriting() {
    run?.stopWriting();
  },

  setTemperature(temperature) {
    run?.setTemperature(temperature);
  },

  async close() {
    await close();
    last = undefined;
    const keeper = await keeping;
    if (typeof keeper !== 'string') await keeper.clear();
  },

  cells: cellsService(() => run),
  gradients: proxy(flowService(() => run)),
  graph: proxy(graphService(() => run)),
};
expose(service);
postMessage(LISTENING);
