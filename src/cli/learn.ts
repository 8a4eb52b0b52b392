import { setImmediate } from 'node:timers/promises';

import { saveCheckpoint } from '../train/checkpoint';
import { markText } from '../train/text_mark';
import type { CharTrainer } from '../train/char_trainer';
import { train } from '../train/loop';
import type { Plan } from './prepare';
import type { Reporter } from './reporter';
import type { RunFolder } from './run_folder';
import { StopSignals } from './stop_signals';

/** Trains, and keeps what comes of it in the folder of the run; Ctrl-C saves it and ends. */
export async function learn(
  trainer: CharTrainer,
  { source, loop, steps, notes }: Plan,
  folder: RunFolder,
  reporter: Reporter,
  { json = false }: { json?: boolean },
): Promise<void> {
  const mark = { ...markText(source.text, source.name), encoding: source.encoding };
  const signals = new StopSignals(() => reporter.stopping());
  const { prime, length, temperature, logEvery, evalEvery, saveEvery, patience } = loop;
  const sampleEvery = loop.sampleEvery ?? (json ? 0 : 100);
  const { seed } = trainer.config;
  /** Of the last step: its held-out loss where it was measured, and its bytes where that is the lowest. */
  let valLoss: number | undefined;
  let best: Uint8Array | undefined;
  let step = -1;
  let savedStep = -1;
  const encode = (): Promise<Uint8Array> => saveCheckpoint(trainer, mark, { valLoss });
  const save = async (): Promise<void> => {
    await folder.save(best ?? (await encode()));
    savedStep = trainer.step;
  };
  try {
    reporter.start(notes);
    for await (const event of train(trainer, {
      ...{ steps, logEvery, evalEvery, sampleEvery, patience, best: folder.best },
      sample: { prime, length, temperature, seed },
      onCompile: (done, total) => reporter.compiling(done, total),
    })) {
      if (event.step !== step) [step, valLoss, best] = [event.step, undefined, undefined];
      reporter.event(event);
      if (event.kind === 'report') {
        await folder.log(event);
        // A NaN has no place in a checkpoint, and the run may recover.
        valLoss = Number.isFinite(event.valLoss) ? event.valLoss : undefined;
        if (event.improved) {
          best = await encode();
          await folder.saveBest(best);
        }
      }
      if (event.kind === 'step') {
        // Signals are handled between turns of the event loop only.
        await setImmediate();
        const due = saveEvery > 0 && event.step % saveEvery === 0;
        if (due || signals.stopped || event.step >= steps) await save();
        if (signals.stopped) break;
      }
    }
    if (savedStep !== trainer.step) await save();
    await trainer.device.finish();
  } finally {
    signals.dispose();
    reporter.stop();
  }
  reporter.done(folder.path, signals.stopped);
}
