import { Generator, openDevice } from '../../src/index';
import type { Device, NumberArray, Shape } from '../../src/index';
import { CharModel } from '../../src/train/index';
import type { CharTrainer, TrainConfig } from '../../src/train/index';
import type { Vocabulary } from '../../src/text/index';

/** A model in training as plain values, of one moment. */
export interface Snapshot {
  readonly config: TrainConfig;
  readonly vocabulary: Vocabulary;
  /** Training steps behind it. */
  readonly step: number;
  readonly parameters: ReadonlyMap<string, { readonly shape: Shape; readonly data: NumberArray }>;
}

/** For `Run.look`: training waits no longer than the parameters take to be read. */
export async function snapshot({
  model,
  config,
  vocabulary,
  step,
}: CharTrainer): Promise<Snapshot> {
  const reads = Array.from(model.stateDict(), async ([name, parameter]) => {
    return [name, { shape: parameter.shape, data: await parameter.data() }] as const;
  });
  return { config, vocabulary, step, parameters: new Map(await Promise.all(reads)) };
}

/** The settings with a model that is no larger than `most`. */
export function capped(
  config: TrainConfig,
  most: Pick<TrainConfig, 'hidden' | 'embedding' | 'layers'>,
): TrainConfig {
  return {
    ...config,
    hidden: Math.min(config.hidden, most.hidden),
    embedding: Math.min(config.embedding, most.embedding),
    layers: Math.min(config.layers, most.layers),
  };
}

/** A model to look into: without dropout, and with the weights of a snapshot if one is given. */
export function modelOf(
  device: Device,
  vocabularySize: number,
  config: TrainConfig,
  { parameters, fused }: { parameters?: Snapshot['parameters']; fused?: boolean } = {},
): CharModel {
  const plain = { ...config, dropout: 0 };
  const generator = new Generator(device, config.seed);
  const model = new CharModel(device, vocabularySize, plain, config.seed, generator, { fused });
  if (parameters) model.loadStateDict(parameters);
  return model;
}

/** Runs `work` on a CPU device of its own, which takes everything with it that was made there. */
export async function onCpu<T>(work: (device: Device) => Promise<T>): Promise<T> {
  const device = await openDevice('cpu');
  try {
    return await work(device);
  } finally {
    device.dispose();
  }
}
