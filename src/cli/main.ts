#!/usr/bin/env node
import { Command, CommanderError } from 'commander';

import packageJson from '../../package.json' with { type: 'json' };
import { nodePlatform } from '../backend/node_platform';
import { usePlatform } from '../backend/platform';
import { LetheError } from '../errors';
import { addDoctorCommand } from './doctor';
import { addEvalCommand } from './eval';
import { addSampleCommand } from './sample';
import { addTrainCommand } from './train';

/** Bad input: a flag, a value, a file. */
const BAD_INPUT = 2;

function makeProgram(): Command {
  const program = new Command('lethe')
    .description('Recurrent networks on WebGPU and the CPU')
    .version(packageJson.version)
    .exitOverride()
    .configureOutput({
      // One line, whatever hints come with it.
      outputError: (text, write) =>
        write(
          `lethe: ${text
            .replace(/^error: /, '')
            .trim()
            .replace(/\s*\n\s*/g, ' ')}\n`,
        ),
    });
  addTrainCommand(program);
  addSampleCommand(program);
  addEvalCommand(program);
  addDoctorCommand(program);
  for (const command of program.commands) command.copyInheritedSettings(program);
  return program;
}

async function main(): Promise<number> {
  usePlatform(nodePlatform);
  try {
    await makeProgram().parseAsync();
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : BAD_INPUT;
    if (error instanceof LetheError) {
      process.stderr.write(`lethe: ${error.message}\n`);
      return BAD_INPUT;
    }
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  }
}

// A reader that went away (`lethe sample | head`) is no fault.
// Training under way is saved first, as at Ctrl-C.
process.stdout.once('error', (error: NodeJS.ErrnoException) => {
  process.stdout.on('error', () => {});
  if (process.listenerCount('SIGTERM') > 0) process.emit('SIGTERM');
  else process.exit(error.code === 'EPIPE' ? 0 : 1);
});

const status = await main();
// Dawn keeps Node alive, so the end is called, once all output is out.
if (process.stdout.writable) process.stdout.write('', () => process.exit(status));
else process.exit(status);
