import type { Command } from 'commander';

import { ArgumentError } from '../errors';
import type { Device } from '../tensor/device';
import type { TrainConfig } from '../train/config';
import { configJson } from './config_file';
import { JsonReporter } from './json_reporter';
import { learn } from './learn';
import { prepare } from './prepare';
import type { Plan } from './prepare';
import { keepText, RunFolder } from './run_folder';
import { TerminalReporter } from './terminal_reporter';
import { addTrainFlags } from './train_flags';
import type { Flags } from './train_flags';
import { saveTuning } from './tuning_file';
import { typed } from './typed';
import { openNamedDevice } from './vulkan';

export function addTrainCommand(program: Command): void {
  addTrainFlags(
    program.command('train').description('learn a text, character by character'),
  ).action(runTrain);
}

async function runTrain(file: string | undefined, flags: Flags): Promise<void> {
  await runPlan(await prepare(file, flags), flags);
}

async function runPlan(plan: Plan, flags: Flags): Promise<void> {
  const { config, loop, history } = plan;
  const device = await openNamedDevice(loop.device);
  try {
    checkF16(device, config, flags.resume ?? flags.initFrom);
    const trainer = await plan.begin(device);
    const path = await plan.folder();
    if (plan.enclosed) plan.source.name = await keepText(path, plan.source.text);
    const folder = await RunFolder.open(
      path,
      configJson(config, { ...loop, encoding: plan.source.encoding }, plan.source.name),
      history,
    );
    const reporter = flags.json
      ? new JsonReporter(device, folder.best)
      : new TerminalReporter(device, trainer, plan, path);
    await learn(trainer, plan, folder, reporter, flags);
    trainer.dispose();
  } finally {
    if (device.kind === 'webgpu') await saveTuning();
    device.dispose();
  }
}

/** @throws ArgumentError when the run is to multiply in f16, and the device that was chosen does not. */
function checkF16(device: Device, { arithmetic }: TrainConfig, from: string | undefined): void {
  if (arithmetic !== 'f16' || device.f16Arithmetic) return;
  throw new ArgumentError(
    `arithmetic = f16: ${device.description} does not compute in f16 (device: ${device.reason}); ` +
      (from === undefined ? 'leave it out' : 'go on with --arithmetic f32') +
      ', or take a WebGPU adapter that does by --device webgpu (' +
      `${typed('doctor')} lists them)`,
  );
}
