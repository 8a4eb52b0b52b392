import { ArgumentError, CheckpointError, LetheError, NonFiniteError } from '../errors';
import { decodeSafetensors, encodeSafetensors } from '../io/safetensors';
import { CELL_FACTS } from '../nn/cells/facts';
import { checkOptions, describeValue } from '../options';
import { checkDevice } from '../tensor/device';
import type { Device } from '../tensor/device';
import { Generator } from '../tensor/generator';
import type { EncodedText } from '../text/encoded';
import { Vocabulary } from '../text/vocabulary';
import { CharModel } from './char_model';
import { CharTrainer } from './char_trainer';
import { isHeader, migrated } from './checkpoint_header';
import type { CheckpointHeader } from './checkpoint_header';
import { changedConfig, completeConfig } from './config';
import type { TrainConfig } from './config';
import { layOut } from './setup';
import { checkMark, markText } from './text_mark';
import type { TextMark } from './text_mark';
import { canResume, ofModel, readTraining, writeTraining } from './training_file';
import type { SafeTensors } from './training_file';

const FORMAT = 1;

/** A checkpoint file, read: what it says of itself, and its tensors by name. */
export interface Checkpoint {
  /** Settings, vocabulary, and where training stood. */
  header: CheckpointHeader;
  /** The parameters under their names, and what the rest of the training needs. */
  tensors: SafeTensors;
}

/**
 * Everything that the rest of the training depends on, as the bytes of a safetensors file: one
 * moment of it, even if training goes on meanwhile.
 *
 * @param text by its name in `source`, for people; the trainer's own mark when left out.
 * @throws ArgumentError for what is no trainer, no mark, or an unknown option.
 * @throws NonFiniteError for a NaN or an infinity anywhere, `valLoss` included: it is not worth keeping.
 */
export async function saveCheckpoint(
  trainer: CharTrainer,
  text?: TextMark,
  options: Pick<CheckpointHeader, 'valLoss'> = {},
): Promise<Uint8Array<ArrayBuffer>> {
  if (!(trainer instanceof CharTrainer)) {
    throw new ArgumentError(
      `saveCheckpoint: trainer = ${describeValue(trainer)}; a CharTrainer is needed`,
    );
  }
  const mark = text === undefined ? trainer.textMark : text;
  checkMark('saveCheckpoint', mark);
  checkOptions('saveCheckpoint', options, { valLoss: true });
  const { valLoss } = options;
  if (valLoss !== undefined && !Number.isFinite(valLoss)) {
    throw new NonFiniteError(
      `saveCheckpoint: valLoss = ${valLoss}; a finite number is needed, so leave it out`,
    );
  }
  const { progress, tensors } = await readTraining(trainer);
  const header: CheckpointHeader = {
    format: FORMAT,
    config: trainer.config,
    vocabulary: trainer.vocabulary.toJSON(),
    progress,
    text: mark,
    ...(valLoss === undefined ? {} : { valLoss }),
  };
  return encodeSafetensors(tensors, { lethe: JSON.stringify(header) });
}

/**
 * Reads a checkpoint's bytes.
 *
 * @throws CheckpointError when they are damaged, or are no checkpoint of a character model.
 */
export function readCheckpoint(bytes: Uint8Array, name = 'checkpoint'): Checkpoint {
  return checkpointOf(decodeSafetensors(bytes, name), name);
}

/** The checkpoint in a safetensors file that is decoded. */
export function checkpointOf(
  { tensors, metadata }: ReturnType<typeof decodeSafetensors>,
  name: string,
): Checkpoint {
  let header: Partial<CheckpointHeader> | null;
  try {
    header = JSON.parse(metadata.lethe ?? 'null') as Partial<CheckpointHeader> | null;
  } catch {
    header = null;
  }
  if (typeof header !== 'object' || header === null) {
    throw new CheckpointError(`${name}: a safetensors file, but no checkpoint of lethe train`);
  }
  if ((header as { kind?: string }).kind === 'training') {
    throw new CheckpointError(
      `${name}: a checkpoint of another task than a character model; loadTraining reads it, and lethe task`,
    );
  }
  if (header.format !== FORMAT) {
    throw new CheckpointError(
      `${name}: format ${header.format}; this version reads format ${FORMAT}`,
    );
  }
  if (header.config) header.config = migrated(header.config);
  try {
    completeConfig(header.config ?? {});
    Vocabulary.fromJSON(header.vocabulary);
    if (isHeader(header)) {
      checkSizes(header.config, tensors, name);
      return { header, tensors };
    }
  } catch (error) {
    if (!(error instanceof LetheError) || error instanceof CheckpointError) throw error;
    const { message } = error;
    throw new CheckpointError(
      `${name}: its header is damaged, or of a later version of Lethe: ${message}`,
      { cause: error },
    );
  }
  throw new CheckpointError(`${name}: its header is damaged; the file was changed`);
}

/** Before a model is made by a header that may be wrong: it could be larger than memory. */
function checkSizes(
  { cell, hidden, layers }: TrainConfig,
  tensors: Checkpoint['tensors'],
  name: string,
) {
  const top = tensors.get(`rnn.weight_ih_l${layers - 1}`);
  const rows = CELL_FACTS[cell].gates * hidden;
  if (top?.shape[0] === rows && !tensors.has(`rnn.weight_ih_l${layers}`)) return;
  throw new CheckpointError(
    `${name}: its weights are not those of ${layers} layers of ${hidden} units, as its header has it; ` +
      'the file was changed',
  );
}

/** Throws ArgumentError for what is no checkpoint, as plain JavaScript may give. */
export function checkCheckpoint(owner: string, checkpoint: Checkpoint): void {
  const { header, tensors } = (checkpoint ?? {}) as Partial<Checkpoint>;
  if (typeof header === 'object' && header !== null && tensors instanceof Map) return;
  throw new ArgumentError(
    `${owner}: checkpoint = ${describeValue(checkpoint)}; give what readCheckpoint(bytes) gives`,
  );
}

/**
 * Checks that a text is the one that a checkpoint was trained on, by its length and hash.
 *
 * @throws CheckpointError where it is another.
 */
export function checkSameText(text: string | EncodedText, header: CheckpointHeader): void {
  const { length, hash } = markText(text, '');
  if (length === header.text.length && hash === header.text.hash) return;
  throw new CheckpointError(
    `the checkpoint was trained on another text (${header.text.source}); give that one to go on, or ` +
      'start a new run from its weights with initFromCheckpoint',
  );
}

/**
 * A trainer that goes on where the checkpoint was saved; on the CPU bit for bit, unless `changes` has
 * other settings.
 *
 * @param changes settings of `CHANGEABLE`, as `changedConfig` takes them.
 * @throws ArgumentError naming a setting that cannot change, or is out of range.
 * @throws CheckpointError when the text is another one, the checkpoint a model alone, or a tensor does
 *   not fit the model.
 * @example
 * ```ts
 * import { openDevice } from 'lethe';
 * import { CharTrainer, readCheckpoint, resumeTraining, saveCheckpoint } from 'lethe/train';
 *
 * const text = 'the river ran to the sea, and the sea ran to the shore. '.repeat(40);
 * const device = await openDevice('auto');
 * const trainer = new CharTrainer(device, text, { hidden: 32, batch: 4, seq: 16 });
 * await trainer.trainStep();
 * const bytes = await saveCheckpoint(trainer);
 * const again = resumeTraining(device, text, readCheckpoint(bytes)); // perhaps in another process
 * console.log(again.step); // 1
 * ```
 */
export function resumeTraining(
  device: Device,
  text: string | EncodedText,
  checkpoint: Checkpoint,
  changes: Partial<TrainConfig> = {},
): CharTrainer {
  checkDevice('resumeTraining', device);
  checkCheckpoint('resumeTraining', checkpoint);
  const { header, tensors } = checkpoint;
  const config = changedConfig(header.config, changes);
  checkSameText(text, header);
  if (!canResume(tensors)) {
    throw new CheckpointError(
      'the checkpoint is a model alone, to sample from and to evaluate: the state of the optimizer ' +
        'is missing, and training cannot go on without it; give the whole checkpoint',
    );
  }
  const { progress } = header;
  const vocabulary = Vocabulary.fromJSON(header.vocabulary);
  try {
    layOut(text, config, vocabulary, progress.cursor);
  } catch (error) {
    if (!(error instanceof LetheError)) throw error;
    throw new CheckpointError(`the checkpoint does not fit its text: ${error.message}`);
  }
  const trainer = new CharTrainer(device, text, config, vocabulary, progress);
  trainer.textMark = header.text;
  try {
    writeTraining(trainer, tensors);
  } catch (error) {
    trainer.dispose();
    throw error;
  }
  return trainer;
}

/**
 * The model of a checkpoint alone, to sample from and to evaluate.
 *
 * @throws ArgumentError for what is no device or no checkpoint.
 * @throws CheckpointError when a tensor does not fit.
 *
 * @example
 * ```ts
 * import { openDevice } from 'lethe';
 * import { loadModel, readCheckpoint, sampleText } from 'lethe/train';
 *
 * const file = await fetch('checkpoint.safetensors');
 * const checkpoint = readCheckpoint(new Uint8Array(await file.arrayBuffer()));
 * const { model, vocabulary } = loadModel(await openDevice('auto'), checkpoint);
 * console.log((await sampleText(model, vocabulary, { prime: 'the ', length: 20 })).length); // 20
 * ```
 */
export function loadModel(
  device: Device,
  checkpoint: Checkpoint,
): {
  /** With the weights of the checkpoint. */
  model: CharModel;
  /** The characters that it knows. */
  vocabulary: Vocabulary;
} {
  checkDevice('loadModel', device);
  checkCheckpoint('loadModel', checkpoint);
  const { header, tensors } = checkpoint;
  const config = completeConfig(header.config);
  const vocabulary = Vocabulary.fromJSON(header.vocabulary);
  const generator = new Generator(device, config.seed);
  const model = new CharModel(device, vocabulary.size, config, config.seed, generator);
  // Nothing is dropped in evaluation: the generator is not needed past this.
  generator.dispose();
  try {
    model.loadStateDict(ofModel(tensors));
  } catch (error) {
    model.dispose();
    throw error;
  }
  return { model: model.eval(), vocabulary };
}

/**
 * A checkpoint without what only training needs, as the bytes of a safetensors file: a third of the
 * size with Adam. `loadModel` reads it as before, `resumeTraining` refuses it.
 *
 * @throws CheckpointError when the bytes are damaged.
 */
export function modelOnly(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { tensors, metadata } = decodeSafetensors(bytes);
  return encodeSafetensors(ofModel(tensors), metadata);
}
