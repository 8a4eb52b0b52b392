import { ArgumentError, CheckpointError } from '../errors';
import { checkDevice } from '../tensor/device';
import type { Device } from '../tensor/device';
import { formatShape, numel, sameShape } from '../tensor/shape';
import { encoded } from '../text/encoded';
import type { EncodedText } from '../text/encoded';
import { Vocabulary } from '../text/vocabulary';
import type { CharModel } from './char_model';
import { CharTrainer } from './char_trainer';
import { checkCheckpoint } from './checkpoint';
import type { Checkpoint } from './checkpoint';
import type { CheckpointHeader } from './checkpoint_header';
import { completeConfig, overlaid } from './config';
import type { TrainConfig } from './config';
import { ofModel } from './training_file';

/** What the weights of a checkpoint are made for. */
const SHAPE = ['cell', 'hidden', 'layers', 'embedding'] as const;

/**
 * The settings of a run that begins with the weights of another: those of the other, but for what is
 * given.
 *
 * @throws ArgumentError naming a setting that makes another model, or is out of range.
 */
export function warmStartConfig(
  { config }: CheckpointHeader,
  given: Partial<TrainConfig> = {},
): TrainConfig {
  for (const name of SHAPE) {
    const value = given[name];
    if (value === undefined || value === config[name]) continue;
    throw new ArgumentError(
      `${name} = ${value}; the weights to begin with are of ${name} ${config[name]}: leave it out`,
    );
  }
  return completeConfig(overlaid(config, given));
}

/** The characters of a checkpoint and those of a text; ids change where new ones come between. */
export function grownVocabulary(
  { vocabulary }: CheckpointHeader,
  text: string | EncodedText,
): {
  /** All of them. */
  vocabulary: Vocabulary;
  /** Those that the checkpoint lacks. */
  added: string[];
} {
  const known = Vocabulary.fromJSON(vocabulary);
  const added = encoded(text)
    .vocabulary.codePoints.map((codePoint) => String.fromCodePoint(codePoint))
    .filter((character) => !known.has(character));
  const all = [...known.codePoints, ...added.map((character) => character.codePointAt(0)!)];
  return { vocabulary: new Vocabulary(all.sort((a, b) => a - b)), added };
}

/**
 * A new run, from step 0 and with a fresh optimizer, that begins with the weights of a checkpoint, on any
 * text. Characters that the checkpoint lacks get rows as a fresh model's, by the seed; those that the text
 * lacks keep theirs.
 *
 * @param config what it leaves out is as in the checkpoint.
 * @throws ArgumentError naming a setting that makes another model, or is out of range.
 * @throws TextError for an empty text, or one shorter than one window.
 * @throws CheckpointError when a tensor does not fit the model.
 */
export async function initFromCheckpoint(
  device: Device,
  text: string | EncodedText,
  checkpoint: Checkpoint,
  config: Partial<TrainConfig> = {},
): Promise<{
  /** At step 0. */
  trainer: CharTrainer;
  /** The characters that are new to the model. */
  added: string[];
}> {
  checkDevice('initFromCheckpoint', device);
  checkCheckpoint('initFromCheckpoint', checkpoint);
  const { header, tensors } = checkpoint;
  const complete = warmStartConfig(header, config);
  const { vocabulary, added } = grownVocabulary(header, text);
  const trainer = new CharTrainer(device, text, complete, vocabulary);
  try {
    const weights = ofModel(tensors);
    if (added.length > 0) {
      const known = Vocabulary.fromJSON(header.vocabulary);
      const places = Array.from({ length: known.size }, (_, id) => known.character(id)).map(
        (character) => vocabulary.encode(character)[0],
      );
      await addRows(weights, trainer.model, places);
    }
    trainer.model.loadStateDict(weights);
  } catch (error) {
    trainer.dispose();
    throw error;
  }
  return { trainer, added };
}

/** The axis along which the vocabulary runs, by parameter; one-hot vectors are read by the first layer. */
const AXES = {
  'embedding.weight': 0,
  'rnn.weight_ih_l0': 1,
  'decoder.weight': 0,
  'decoder.bias': 0,
};

/** Brings weights to a larger vocabulary, by the new id of each old one; the rest is the model's own. */
async function addRows(
  weights: Checkpoint['tensors'],
  model: CharModel,
  places: readonly number[],
): Promise<void> {
  const own = model.stateDict();
  const oneHot = !own.has('embedding.weight');
  for (const [name, axis] of Object.entries(AXES)) {
    const [learnt, parameter] = [weights.get(name), own.get(name)];
    // What is missing, or no parameter of this model, is told when all are loaded.
    if (!learnt || !parameter || (axis === 1 && !oneHot)) continue;
    const { shape } = parameter;
    const before = shape.map((size, i) => (i === axis ? places.length : size));
    if (!sameShape(learnt.shape, before)) {
      throw new CheckpointError(
        `${name} is ${formatShape(learnt.shape)}; ${formatShape(before)} is needed for its vocabulary`,
      );
    }
    const data = Float32Array.from((await parameter.data()) as Float32Array);
    const inner = numel(shape.slice(axis + 1));
    for (let row = 0; row < numel(shape.slice(0, axis)); row++) {
      for (const [id, place] of places.entries()) {
        const values = learnt.data.subarray((row * places.length + id) * inner).subarray(0, inner);
        data.set(values, (row * shape[axis] + place) * inner);
      }
    }
    weights.set(name, { dtype: 'F32', shape, data });
  }
}
