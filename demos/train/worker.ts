import { transfer } from 'comlink';

import { whyPlain } from '../../src/backend/cpu/load_engine';
import { openDevice } from '../../src/index';
import { modelOnly } from '../../src/train/index';
import { serve } from '../shared/endpoint';
import { lazyService, once } from './lazy_service';
import { problemOf } from '../shared/problem';
import type { TrainingService } from './protocol';
import type { Run } from './run';
import { decodeRunFile, encodeRunFile, runWithText } from './run_file';
import { Session } from './session';

let session: Session | undefined;
/** Loaded with the first look at the held-out text. */
const recording = once(async () => new (await import('./map/recorder')).Recorder());
const current = (): Run | undefined => session?.run;

// A step that was under way when its device went away.
self.addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  current()?.fail(problemOf(event.reason));
});

const service: TrainingService = {
  connect(listener) {
    session = new Session(listener, async (run, trainer) => {
      try {
        await (await recording()).record(run, trainer);
      } catch {
        // The map lacks a point; training goes on.
      }
    });
  },
  mayKeep: (refusal) => session!.mayKeep(refusal),

  async probe() {
    const device = await openDevice('auto');
    const { kind, description, reason } = device;
    device.dispose();
    // Of the CPU alone: its WebAssembly is loaded with the device.
    return { kind, description, reason, slow: kind === 'cpu' ? whyPlain() : undefined };
  },

  async open(source, settings) {
    try {
      const { id, info } = await session!.open(source, settings);
      return { id, info };
    } catch (error) {
      return { problem: problemOf(error) };
    }
  },

  restore: () => session!.restore(),
  openKept: (id, name) => session!.openKept(id, name),
  keptRuns: (named) => session!.keptRuns(named),
  remove: (id) => session!.remove(id),

  async importRun(bytes, name, given) {
    try {
      const read = decodeRunFile(bytes, name);
      if (!('header' in read)) return await session!.import(read);
      const { header, resumes } = read;
      if (!given) return { asks: { mark: header.text, step: header.progress.step, resumes } };
      if (given.begin === 'anew') return await session!.beginWith(read, given.text, name);
      return await session!.import(runWithText(read, given.text));
    } catch (error) {
      return { problem: problemOf(error) };
    }
  },

  change: (settings) => session!.change(settings),
  goBack: () => session!.goBack(),
  goToBest: () => session!.goToBest(),

  async exportRun(what) {
    try {
      const saved = await session!.snapshot();
      if (!saved) return null;
      const bytes = what === 'run' ? encodeRunFile(saved) : modelOnly(saved.checkpoint);
      return transfer({ bytes }, [bytes.buffer]);
    } catch (error) {
      return { problem: problemOf(error) };
    }
  },

  resume: () => session!.resume(),
  pause: () => session!.pause(),
  step: async () => current()?.step(),
  evaluate: async () => current()?.evaluate(),

  async write(options) {
    try {
      await current()?.write(options);
      return null;
    } catch (error) {
      return problemOf(error);
    }
  },

  stopWriting: () => current()?.stopWriting(),
  setTemperature: (temperature) => current()?.setTemperature(temperature),
  close: () => session!.close(),

  // What a view asks is loaded with its first question.
  cells: lazyService(async () => (await import('./cells/service')).cellsService(current)),
  errors: lazyService(async () => (await import('./errors/service')).errorsService(current)),
  map: lazyService(async () => {
    const { mapService } = await import('./map/service');
    return mapService({ current, recorder: await recording(), load: (id) => session!.load(id) });
  }),
  gradients: lazyService(async () => (await import('./gradients/service')).flowService(current)),
  graph: lazyService(async () => (await import('./graph/service')).graphService(current)),
};
serve(service);
