import { setImmediate } from 'node:timers/promises';

import type { Command } from 'commander';
import { Option } from 'commander';

import { ArgumentError } from '../errors';
import { DEVICE_KINDS } from '../tensor/open';
import type { DeviceKind } from '../tensor/open';
import { loadModel } from '../train/checkpoint';
import { Vocabulary } from '../text/vocabulary';
import { checkSampleTexts } from '../train/sample_options';
import { sample, sampleTexts } from '../train/sampling';
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
  batch: number;
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
    .option('--batch <n>', 'texts, each with a seed of its own from --seed on', count, 1)
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
  const { batch, ...single } = flags;
  const { temperature, seed } = single;
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
  const one = { ...single, prime, unknown: unknownOf(unknown, vocabulary) };
  const all = { ...one, batch };
  checkSampleTexts(vocabulary, all);
  const device = await openNamedDevice(kind);
  try {
    const { model } = loadModel(device, checkpoint);
    const asked = { prime, temperature, seed, device: device.kind };
    if (batch > 1) {
      const texts = await sampleTexts(model, vocabulary, all);
      if (json) printJson({ ...asked, texts });
      else
        printTexts(
          texts.map((text) => (prime ?? '') + text),
          seed,
        );
      return;
    }
    const characters = sample(model, vocabulary, one);
    if (json) printJson({ ...asked, text: await collected(characters) });
    else await show(characters, prime);
  } finally {
    device.dispose();
  }
}

/** Lets the event loop turn now and then: a reader that went away is heard of between turns only. */
async function* unhurried(characters: AsyncIterable<string>): AsyncGenerator<string> {
  let yieldedAt = performance.now();
  for await (const character of characters) {
    yield character;
    if (performance.now() - yieldedAt < 20) continue;
    await setImmediate();
    yieldedAt = performance.now();
  }
}

async function collected(characters: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const character of unhurried(characters)) text += character;
  return text;
}

/** Writes characters as they come. */
async function show(characters: AsyncIterable<string>, prime = ''): Promise<void> {
  let text = prime;
  for await (const character of unhurried(characters)) {
    text += character;
    // What a return is depends on the character after it.
    if (character === '\r') continue;
    process.stdout.write(shown(text));
    text = '';
  }
  print(text);
}

/** Texts, each below a line with its seed. */
function printTexts(texts: readonly string[], seed: number): void {
  for (const [i, text] of texts.entries()) {
    print(`${i === 0 ? '' : '\n'}--- seed ${(seed + i) % 2 ** 32} ---\n${text}`);
  }
}
