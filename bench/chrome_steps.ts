import { openDevice } from '../src/index';
import { CharTrainer } from '../src/train/index';
import type { TrainConfig } from '../src/train/index';

let trainer: CharTrainer | undefined;

/** Opens WebGPU in this page; the adapter's name. */
export async function begin(text: string, config: Partial<TrainConfig>): Promise<string> {
  const device = await openDevice('webgpu');
  trainer = new CharTrainer(device, text, config);
  return device.description;
}

/** One step, its loss read. */
export async function step(): Promise<{ loss: number; milliseconds: number }> {
  if (!trainer) throw new Error('begin() comes first');
  const start = performance.now();
  await trainer.trainStep();
  const report = await trainer.report();
  return { loss: report?.loss ?? NaN, milliseconds: performance.now() - start };
}
