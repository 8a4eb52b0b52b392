import { expose, proxy } from 'comlink';

import { openDevice } from '../../src/index';
import type { SampleOptions } from '../../src/train/index';
import { flowService } from './gradients/service';
import { graphService } from './graph/service';
import { problemOf } from './problem';
import type { Listener, Problem, RunSettings, TrainingService } from './protocol';
import { Run } from './run';

let emit: Listener = () => {};
let run: Run | undefined;

async function close(): Promise<void> {
  const closing = run;
  run = undefined;
  await closing?.close();
}

/** A run that failed is closed before the page hears of it. */
const listen: Listener = (event) => {
  if (event.kind !== 'failed') return emit(event);
  void close().finally(() => emit(event));
};

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

  async open(text: string, settings: RunSettings) {
    await close();
    try {
      run = await Run.open(text, settings, listen);
      void run.begin();
      return { info: run.info };
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

  close,
  gradients: proxy(flowService(() => run)),
  graph: proxy(graphService(() => run)),
};
expose(service);
