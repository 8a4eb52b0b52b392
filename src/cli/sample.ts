import { setImmediate } from 'node:timers/promises';

import type { Command } from 'commander';
import { Option } from 'commander';

import { ArgumentError } from '../errors';
import { DEVICE_KINDS } from '../tensor/open';
import type { DeviceKind } from '../tensor/open';
import { loadModel } from '../train/checkpoint';
import { Vocabulary } from '../text/vocabulary';
import { checkSample, sample } from '../train/sampling';
import { ENCODING_HELP, newestRun, readRun, readText } from './files';
import { count, integer, number } from './numbers';
import { escaped, print, printJson, shown } from './terminal';
import { path } from './typed';
import { unknownOf, unknownOption } from './unknown';
import type { UnknownFlag } from './unknown';
import { openNamedDevice } from './vulkan';

interface Flags {
  prime?: string;
  primeFile?: string;
  encoding?: string;
  unknown: UnknownFlag;
  length: number;
  temperature: number;
  topK: number;
  topP: number;
  seed: number;
  device: DeviceKind;
  best?: boolean;
  json?: boolean;
}

export function addSampleCommand(program: Command): void {
  program
    .command('sample')
    .description('let a trained model write')
    .argument('[run]', 'folder of the run, or a checkpoint (default: the newest in runs/)', path)
    .option('--best', 'its checkpoint with the lowest held-out loss instead of the last')
    .option('--prime <text>', 'what it reads first')
    .option('--prime-file <file>', 'a file with what it reads first, or - for standard input', path)
    .option('--encoding <name>', ENCODING_HELP)
    .addOption(unknownOption())
    .option('--length <n>', 'characters to write', count, 500)
    .option(
      '--temperature <t>',
      'below 1 safer, above 1 wilder, 0 always the likeliest',
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
  { device: kind, best, json, primeFile, encoding, unknown, ...flags }: Flags,
): Promise<void> {
  const { temperature, seed } = flags;
  if (primeFile !== undefined && flags.prime !== undefined) {
    throw new ArgumentError('--prime and --prime-file: give one of them');
  }
  const named = run ?? (await newestRun());
  const checkpoint = await readRun(named, { best });
  if (run === undefined && process.stderr.isTTY) {
    process.stderr.write(`writes with ${escaped(named)}\n`);
  }
  const prime =
    primeFile === undefined ? flags.prime : String((await readText(primeFile, { encoding })).text);
  // Everything that can be wrong with the input is found before a device is opened.
  const vocabulary = Vocabulary.fromJSON(checkpoint.header.vocabulary);
  const options = { ...flags, prime, unknown: unknownOf(unknown, vocabulary) };
  checkSample(vocabulary, options);
  const device = await openNamedDevice(kind);
  try {
    const { model } = loadModel(device, checkpoint);
    let text = json ? '' : (prime ?? '');
    let yieldedAt = performance.now();
    for await (const character of sample(model, vocabulary, options)) {
      text += character;
      // What a return is depends on the character after it.
      if (!json && character !== '\r') {
        process.stdout.write(shown(text));
        text = '';
      }
      // A reader that went away is heard of between turns of the event loop only.
      if (performance.now() - yieldedAt > 20) {
        await setImmediate();
        yieldedAt = performance.now();
      }
    }
    if (json) printJson({ prime, text, temperature, seed, device: device.kind });
    else print(text);
  } finally {
    device.dispose();
  }
}
