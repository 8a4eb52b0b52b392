import type { Command } from 'commander';

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
