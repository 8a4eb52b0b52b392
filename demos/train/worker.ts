import { expose, proxy, transfer } from 'comlink';

import { whyPlain } from '../../src/backend/cpu/engine';
import { openDevice } from '../../src/index';
import { modelOnly } from '../../src/train/index';
import { cellsService } from './cells/service';
import { LISTENING } from './endpoint';
import { flowService } from './gradients/service';
import { graphService } from './graph/service';
import { problemOf } from './problem';
import type { TrainingService } from './protocol';
import type { Run } from './run';
import { decodeRunFile, encodeRunFile, runWithText } from './run_file';
import { Session } from './session';

let session: Session | undefined;
const current = (): Run | undefined => session?.run;

// A step that was under way when its device went away.
self.addEventListener('unhandledrejection', (event) => {
  event.preventDefault();
  current()?.fail(problemOf(event.reason));
});

const service: TrainingService = {
  connect(listener) {
    session = new Session(listener);
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
      if (given.begin === 'anew') return await session!.beginWith(read, given.text);
      return await session!.import(runWithText(read, given.text));
    } catch (error) {
      return { problem: problemOf(error) };
    }
  },

  change: (settings) => session!.change(settings),
  goBack: () => session!.goBack(),

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

  cells: cellsService(current),
  gradients: proxy(flowService(current)),
  graph: proxy(graphService(current)),
};
expose(service);
postMessage(LISTENING);
