import type { Command } from 'commander';
import { Option } from 'commander';

import { ArgumentError, TextError } from '../errors';
import { DEVICE_KINDS } from '../tensor/open';
import type { DeviceKind } from '../tensor/open';
import { Vocabulary } from '../text/vocabulary';
import { loadModel } from '../train/checkpoint';
import { evaluate } from '../train/evaluate';
import { ENCODING_HELP, readRun, readText } from './files';
import { bitsPerCharacter, grouped, integer, rounded } from './numbers';
import { print, printJson } from './terminal';
import { path } from './typed';
import { unknownOf, unknownOption } from './unknown';
import type { UnknownFlag } from './unknown';
import { openNamedDevice } from './vulkan';

interface Flags {
  batch?: number;
  encoding?: string;
  unknown: UnknownFlag;
  device: DeviceKind;
  best?: boolean;
  json?: boolean;
}

export function addEvalCommand(program: Command): void {
  program
    .command('eval')
    .description('measure a trained model on a text')
    .argument('<run>', 'folder of the run, or a checkpoint', path)
    .argument('<file>', 'text, or - for standard input', path)
    .addOption(new Option('--device <kind>', 'where to run').choices(DEVICE_KINDS).default('auto'))
    .option('--encoding <name>', ENCODING_HELP)
    .addOption(unknownOption())
    .option(
      '--batch <n>',
      'streams read side by side, a matter of time and not of the loss (default: as in training)',
      integer,
    )
    .option('--best', 'its checkpoint with the lowest held-out loss instead of the last')
    .option('--json', 'one JSON object instead of words')
    .action(runEval);
}

async function runEval(
  run: string,
  file: string,
  { batch, encoding, unknown, device: kind, best, json }: Flags,
): Promise<void> {
  if (batch !== undefined && batch < 1) {
    throw new ArgumentError(`--batch ${batch}; an integer from 1 is needed`);
  }
  const checkpoint = await readRun(run, { best });
  const { name, text } = await readText(file, { encoding });
  // Everything that can be wrong with the input is found before a device is opened.
  const vocabulary = Vocabulary.fromJSON(checkpoint.header.vocabulary);
  const { ids } = text.in(vocabulary, { unknown: unknownOf(unknown, vocabulary) });
  if (ids.length < 2) {
    throw new TextError(
      `${name}: ${ids.length} characters to read; two are needed, as each is predicted from those before`,
    );
  }
  const device = await openNamedDevice(kind);
  try {
    const { model } = loadModel(device, checkpoint);
    const { config } = checkpoint.header;
    const loss = await evaluate(model, ids, { batch: batch ?? config.batch, seq: config.seq });
    const bits = bitsPerCharacter(loss);
    if (json) {
      const figures = { loss: rounded(loss, 6), bitsPerCharacter: rounded(bits, 6) };
      printJson({ ...figures, characters: ids.length, device: device.kind });
    } else {
      print(
        `${name}: ${grouped(ids.length)} characters, loss ${loss.toFixed(4)} nats per character, ` +
          `${bits.toFixed(4)} bits per character, perplexity ${Math.exp(loss).toFixed(3)}`,
      );
    }
  } finally {
    device.dispose();
  }
}
