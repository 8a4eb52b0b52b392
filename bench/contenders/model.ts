import { openDevice } from 'lethe';
import { Streams, Vocabulary } from '../../src/text/index';
import { CharTrainer } from '../../src/train/index';
import type { Job } from '../types';

/** The windows that Lethe's trainer takes, in its order. */
export function makeStreams({ text, batch, seq }: Job): Streams {
  return new Streams(Vocabulary.fromText(text).encode(text), { batch, seq });
}

/**
 * Lethe's initial weights for a job, under PyTorch's names and in its layouts, so that a peer that
 * computes the same has the same losses.
 */
export async function initialWeights(
  job: Job,
): Promise<{ name: string; shape: number[]; values: Float32Array }[]> {
  const { text, cell, layers, hidden, batch, seq, seed } = job;
  const device = await openDevice('cpu');
  const trainer = new CharTrainer(device, text, {
    ...{ cell, layers, hidden, embedding: hidden, batch, seq, seed },
    validFraction: 0,
  });
  const weights = [];
  for (const [name, parameter] of trainer.model.namedParameters()) {
    const values = Float32Array.from(await parameter.data());
    weights.push({ name, shape: [...parameter.shape], values });
  }
  device.dispose();
  return weights;
}

/** The name of the adapter that this page gets. */
export async function adapterName(): Promise<string> {
  const adapter = await navigator.gpu?.requestAdapter();
  const { vendor, architecture } = adapter?.info ?? {};
  return [vendor, architecture].filter(Boolean).join(' ');
}
