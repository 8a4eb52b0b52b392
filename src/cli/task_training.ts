import { setImmediate } from 'node:timers/promises';

import { ExampleRun } from '../../demos/tasks/example';
import type { About, Example } from '../../demos/tasks/example';
import { ArgumentError } from '../errors';
import type { Device } from '../tensor/device';
import type { FitEvent } from '../train/fit';
import { readTrainingFile } from '../train/training_file';
import { Bar } from './bar';
import { duration, grouped, lossText, rounded, significant } from './numbers';
import { StopSignals } from './stop_signals';
import type { TaskFlags } from './task_flags';
import { namedTaskRun, readTaskRun, TaskFolder } from './task_folder';
import { loadData } from './task_data';
import { figure, figures, figureTable } from './task_reporter';
import { print, printJson } from './terminal';
import { quoted, typed } from './typed';

type Report = FitEvent & { kind: 'report' };

/** Lines on the terminal for a whole training, or nearly so. */
const PRINTED_LINES = 25;

/** Trains an example, and keeps what comes of it; Ctrl-C saves it and ends. */
export async function trainTask(
  example: Example,
  device: Device,
  data: string | undefined,
  flags: TaskFlags,
): Promise<void> {
  const begin = performance.now();
  const resume = flags.resume === undefined ? undefined : namedTaskRun(flags.resume);
  const earlier =
    resume === undefined ? undefined : await readTaskRun(resume, example.name, { last: true });
  const about = earlier && (readTrainingFile(earlier).about as About);
  const source = data ?? about?.source ?? null;
  const seed = flags.seed ?? about?.seed ?? 1;
  const epochs = flags.epochs ?? about?.epochs ?? example.training.epochs;
  // A run has the vectors that it began with in its own file.
  const vectors = flags.vectors ?? about?.vectors;
  const bare = await loadData(example, source ?? undefined);
  const { data: loaded, note } =
    flags.vectors === undefined
      ? { data: bare, note: 'as the run has them' }
      : await example.withVectors!(bare, flags.vectors);
  const given = { source, seed, epochs, ...(vectors !== undefined && { vectors }) };
  const run = new ExampleRun(example, device, loaded, { ...given, meta: about?.meta });
  const { trainer } = run;
  let best = earlier && run.resume(earlier);
  const steps = epochs * trainer.stepsPerEpoch;
  if (trainer.step >= steps) {
    throw new ArgumentError(
      `the run has its ${about!.epochs} epochs behind it; give --epochs above that to go on`,
    );
  }
  const folder =
    resume === undefined ? await TaskFolder.make(example.name, flags.out) : TaskFolder.at(resume);
  const json = flags.json ?? false;
  const bar = new Bar();
  const say = (line: string): void => (json ? undefined : bar.print(line));
  const signals = new StopSignals(() =>
    say('stopping after this step and saving; once more quits without saving'),
  );
  say(`task    ${example.title}`);
  say(`data    ${source ?? 'bundled'}${example.describe ? `: ${example.describe(loaded)}` : ''}`);
  if (vectors !== undefined) say(`words   ${vectors}: ${note}`);
  say(
    `model   ${grouped(run.model.parameterCount())} parameters, ${grouped(trainer.stepsPerEpoch)} steps an epoch`,
  );
  say(`device  ${device.description} (${device.reason})`);
  say(`run     ${folder.path}`);
  say('');
  const printEvery = Math.ceil(epochs / PRINTED_LINES);
  let last: Report | undefined;
  try {
    for await (const event of run.fit({ signal: signals.signal, keepBest: false, best })) {
      if (event.kind === 'step') {
        if (!json) bar.update(() => `step ${grouped(event.step)} of ${grouped(steps)}`);
        // Signals are handled between turns of the event loop only.
        await setImmediate();
      }
      if (event.kind === 'report') {
        last = event;
        const line = reportLine(event);
        if (json) printJson(line);
        const { monitor } = example.training;
        if (event.improved) best = { step: event.step, value: event.metrics![monitor] };
        if (event.epoch % printEvery === 0 || event.step >= steps) {
          say(reportText(event, monitor, epochs, steps));
        }
        const bytes = await run.save(best);
        // The checkpoint names the best, which must be there.
        if (event.improved) await folder.saveBest(bytes);
        await folder.save(bytes);
        await folder.log(line);
      }
      if (event.kind === 'stalled') {
        say(
          `${example.training.monitor} has not improved for ${event.patience} evaluations; the best is of step ` +
            grouped(event.best.step),
        );
      }
    }
  } finally {
    signals.dispose();
    bar.stop();
  }
  if (best) run.use(await folder.best());
  const network = await run.test();
  const baseline = await example.baseline(loaded);
  const seconds = rounded((performance.now() - begin) / 1000, 1);
  if (json) {
    printJson({
      done: true,
      ...{ task: example.name, data: source, seed, stopped: signals.stopped },
      ...(vectors !== undefined && { vectors }),
      epochs: last && rounded(last.epoch, 4),
      metrics: figures(network),
      baseline: { name: baseline.name, metrics: figures(baseline.metrics) },
      ...{ seconds, device: device.kind, run: folder.path },
    });
  } else {
    print('');
    print('on the test part:');
    for (const line of figureTable({ network, [baseline.name]: baseline.metrics })) print(line);
    print('');
    print(
      `${signals.stopped ? 'stopped' : 'done'} after ${duration(seconds)}; saved in ${folder.path}`,
    );
    if (example.ask && example.question !== undefined) {
      // It is of the bundled data: of other data it may have nothing that is known.
      const question = source === null ? quoted(example.question) : "'...'";
      print(`ask it:  ${typed('task', example.name, '--ask', question)}`);
    }
  }
  run.dispose();
}

function reportLine({ step, epoch, loss, lr, metrics, improved }: Report): object {
  return {
    step,
    epoch: rounded(epoch, 4),
    loss: rounded(loss, 6),
    lr: significant(lr, 6),
    ...(metrics && { metrics: figures(metrics), improved }),
  };
}

/** A line on the terminal: of the figures the one by which the best model is chosen. */
function reportText(event: Report, monitor: string, epochs: number, steps: number): string {
  const { step, epoch, loss, metrics, stepsPerSecond } = event;
  const count = `epoch ${String(rounded(epoch, 1)).padStart(String(epochs).length)} of ${epochs}`;
  const held = metrics ? [`held out: ${monitor} ${figure(metrics[monitor])}`] : [];
  const left = step < steps ? [`${duration((steps - step) / stepsPerSecond)} left`] : [];
  return [count, `loss ${lossText(loss)}`, ...held, ...left].join('  ');
}
