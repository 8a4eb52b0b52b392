import { Command, CommanderError } from 'commander';

import { nodePlatform } from '../backend/node_platform';
import { usePlatform } from '../backend/platform';
import { ArgumentError, LetheError } from '../errors';
import { addDoctorCommand } from './doctor';
import { addEvalCommand } from './eval';
import { useRelaxedSimd } from './relaxed_simd';
import { addSampleCommand } from './sample';
import { addTaskCommand } from './task';
import { escaped } from './terminal';
import { addTrainCommand } from './train';
import { inFlags } from './typed';

/** Bad input: a flag, a value, a file. */
const BAD_INPUT = 2;

function makeProgram(version: string): Command {
  const program = new Command('lethe')
    .description('Recurrent networks on WebGPU and the CPU')
    .version(version)
    .exitOverride()
    .configureOutput({
      // One line, whatever hints come with it.
      outputError: (text, write) =>
        write(
          `lethe: ${escaped(
            text
              .replace(/^error: /, '')
              .trim()
              .replace(/\s*\n\s*/g, ' '),
          )}\n`,
        ),
    });
  addTrainCommand(program);
  addSampleCommand(program);
  addEvalCommand(program);
  addTaskCommand(program);
  addDoctorCommand(program);
  for (const command of program.commands) command.copyInheritedSettings(program);
  return program;
}

async function statusOf(version: string): Promise<number> {
  usePlatform(nodePlatform);
  useRelaxedSimd();
  try {
    await makeProgram(version).parseAsync();
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : BAD_INPUT;
    if (error instanceof LetheError) {
      const message = error instanceof ArgumentError ? inFlags(error.message) : error.message;
      process.stderr.write(`lethe: ${escaped(message)}\n`);
      return BAD_INPUT;
    }
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  }
}

/** Runs the command that the process was started with, and ends the process. */
export async function run(version: string): Promise<void> {
  // A reader that went away (`lethe sample | head`) is no fault.
  // Training under way is saved first, as where a terminal is closed.
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    process.stdout.on('error', () => {});
    if (process.listenerCount('SIGHUP') > 0) process.emit('SIGHUP', 'SIGHUP');
    else process.exit(error.code === 'EPIPE' ? 0 : 1);
  });

  const status = await statusOf(version);
  // Dawn keeps Node alive, so the end is called, once all output is out.
  if (process.stdout.writable) process.stdout.write('', () => process.exit(status));
  else process.exit(status);
}
