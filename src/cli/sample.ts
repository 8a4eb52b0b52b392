import { setImmediate } from 'node:timers/promises';

import type { Command } from 'commander';
import { Option } from 'commander';

import { DEVICE_KINDS } from '../tensor/open';
import type { DeviceKind } from '../tensor/open';
import { loadModel } from '../train/checkpoint';
import { checkSample, sample } from '../train/sampling';
import { newestRun, readRun } from './files';
import { count, integer, number } from './numbers';
import { openNamedDevice } from './vulkan';

interface Flags {
  prime?: string;
  length: number;
  temperature: number;
  topK: number;
  topP: number;
  seed: number;
  device: DeviceKind;
  json?: boolean;
}

export function addSampleCommand(program: Command): void {
  program
    .command('sample')
    .description('let a trained model write')
    .argument('[run]', 'folder of the run (default: the newest in runs/)')
    .option('--prime <text>', 'what it reads first')
    .option('--length <n>', 'characters to write', count, 500)
    .option(
      '--temperature <t>',
      'below 1 bolder, above 1 wilder, 0 always the likeliest',
      number,
      0.8,
    )
    .option('--top-k <n>', 'draw among so many likeliest characters; 0 among all', count, 0)
    .option('--top-p <p>', 'draw among the fewest that hold so much probability', number, 1)
    .option('--seed <n>', 'the same seed writes the same', integer, 1)
    .addOption(
      new Option('--device <kind>', 'where to run; for one text at a time, the CPU is quick')
        .choices(DEVICE_KINDS)
        .default('cpu'),
    )
    .option('--json', 'one JSON object instead of the text')
    .action(runSample);
}

async function runSample(
  run: string | undefined,
  { device: kind, json, ...options }: Flags,
): Promise<void> {
  const { prime, temperature, seed } = options;
  const checkpoint = await readRun(run ?? (await newestRun()));
  const device = await openNamedDevice(kind);
  try {
    const { model, vocabulary } = loadModel(device, checkpoint);
    checkSample(vocabulary, options);
    let text = '';
    let turn = performance.now();
    if (!json && prime) process.stdout.write(prime);
    for await (const character of sample(model, vocabulary, options)) {
      if (json) text += character;
      else process.stdout.write(character);
      // A reader that went away is heard of between turns of the event loop only.
      if (performance.now() - turn > 20) {
        await setImmediate();
        turn = performance.now();
      }
    }
    process.stdout.write(
      json ? `${JSON.stringify({ prime, text, temperature, seed, device: device.kind })}\n` : '\n',
    );
  } finally {
    device.dispose();
  }
}
