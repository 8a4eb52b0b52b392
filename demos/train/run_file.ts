import { CheckpointError } from '../../src/errors';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/index';
import type { SafeTensor } from '../../src/io/index';
import { BESIDE } from '../../src/train/check_task';
import { canResume } from '../../src/train/training_file';
import type { CheckpointHeader } from '../../src/train/checkpoint_header';
import { markText, readCheckpoint } from '../../src/train/index';
import type { TextMark, TrainConfig } from '../../src/train/index';
import { EMPTY } from './journal';
import type { Journal, RunSettings, StepReport, TextSource, Validation } from './protocol';

/** A run as it is kept: everything that is needed to go on as if nothing had happened. */
export interface SavedRun {
  /** Of this run in this browser, through all its snapshots. */
  id: string;
  source: TextSource;
  settings: RunSettings;
  journal: Journal;
  /** Of the text. */
  mark: TextMark;
  /** Steps done. */
  step: number;
  /** A safetensors file: weights, optimiser, carried state, place in the text. */
  checkpoint: Uint8Array<ArrayBuffer>;
  /** The model at its lowest held-out loss. */
  best?: BestCheckpoint;
}

/** A run as it was when its held-out loss was lowest. */
export interface BestCheckpoint extends Validation {
  checkpoint: Uint8Array<ArrayBuffer>;
}

/** An id for a run, unlike any other. `crypto.randomUUID` is not there without https. */
export function newId(): string {
  return Date.now().toString(36) + Math.random().toString(36).slice(2);
}

/** What a checkpoint of a new run says of its text. */
export function markSource({ text, name, encoding }: TextSource): TextMark {
  return { ...markText(text, name), ...(encoding === undefined ? {} : { encoding }) };
}

/** Of what this module adds to a checkpoint. */
const VERSION = 1;

/** The best checkpoint, as the numbers that its bytes make. */
const BEST = `${BESIDE}best`;

/** A run as one safetensors file: its checkpoint, its best one as a tensor, and the rest as JSON in the metadata. */
export function encodeRunFile(run: Omit<SavedRun, 'id'>): Uint8Array<ArrayBuffer> {
  const { checkpoint, best, source, settings, mark, step } = run;
  const lowest = best ? { step: best.step, loss: best.loss } : null;
  const journal = { ...run.journal, best: lowest };
  const { tensors, metadata } = decodeSafetensors(checkpoint);
  if (best) {
    // All that a safetensors file of Lethe is made of is a multiple of four bytes.
    const data = new Uint32Array(best.checkpoint.slice().buffer);
    tensors.set(BEST, { dtype: 'U32', shape: [data.length], data });
  }
  return encodeSafetensors(tensors, {
    ...metadata,
    studio: JSON.stringify({ version: VERSION, source, settings, journal, mark, step }),
  });
}

/** A checkpoint by itself, as the command line writes it: without its text, curves and samples. */
export interface BareCheckpoint {
  checkpoint: Uint8Array<ArrayBuffer>;
  header: CheckpointHeader;
  /** False for a model alone: training cannot go on with it, but begin anew. */
  resumes: boolean;
}

/**
 * Reads what `encodeRunFile` wrote, as a run of its own, or a checkpoint by itself.
 *
 * @throws CheckpointError when the file is damaged, of another version, or neither of them.
 */
export function decodeRunFile(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
): SavedRun | BareCheckpoint {
  const { tensors, metadata } = decodeSafetensors(bytes, name);
  const { studio, ...others } = metadata;
  if (studio === undefined) {
    const { header } = readCheckpoint(bytes, name);
    return { checkpoint: bytes, header, resumes: canResume(tensors) };
  }
  const rest = parse(studio);
  if (isObject(rest) && rest['version'] !== undefined && rest['version'] !== VERSION) {
    throw new CheckpointError(
      `${name}: version ${JSON.stringify(rest['version'])} of the studio's file; this page reads ` +
        `version ${VERSION}`,
    );
  }
  const best = bytesOf(tensors.get(BEST));
  if (best) readCheckpoint(best, `${name}, its best model`);
  tensors.delete(BEST);
  return savedRun(rest, encodeSafetensors(tensors, others), name, best);
}

function bytesOf(tensor: SafeTensor | undefined): Uint8Array<ArrayBuffer> | undefined {
  return tensor && new Uint8Array(tensor.data.slice().buffer);
}

/** The run of a checkpoint, with the text that it was trained on; its curves begin where it stands. */
export function runWithText({ checkpoint, header }: BareCheckpoint, source: TextSource): SavedRun {
  const { config, progress, text: mark, valLoss } = header;
  const { step, smoothedLoss: loss } = progress;
  const validation = valLoss ?? null;
  const unknown = { gradNorm: NaN, charactersPerSecond: NaN, lr: NaN, skipped: 0 };
  const report: StepReport | null =
    loss === null
      ? null
      : { ...unknown, step, loss, smoothedLoss: loss, epoch: NaN, bytes: 0, pooledBytes: 0 };
  const journal: Journal = {
    ...EMPTY,
    report,
    validation: validation === null ? null : { step, loss: validation },
    points: loss === null ? [] : [{ step, loss, smoothed: loss, validation }],
  };
  return { id: newId(), source, settings: settingsOf(config), journal, mark, step, checkpoint };
}

/** Of a run that was not begun here. */
export function settingsOf(train: TrainConfig): RunSettings {
  return { train, device: 'auto', temperature: 0.8, stopAfter: train.steps ?? 0 };
}

/**
 * A run, with an id of its own, from its description, as a file or the browser has it, and its
 * checkpoint, which has the last word on the settings of training.
 *
 * @param best the checkpoint of the journal's best step, where it is kept.
 * @throws CheckpointError when either is not what the studio writes.
 */
export function savedRun(
  description: unknown,
  checkpoint: Uint8Array<ArrayBuffer>,
  name: string,
  best?: Uint8Array<ArrayBuffer>,
): SavedRun {
  const { header } = readCheckpoint(checkpoint, name);
  if (!isDescription(description)) {
    throw new CheckpointError(`${name}: its description is damaged; the file was changed`);
  }
  const { source, settings, journal } = description;
  // Runs of before had none.
  const lowest = best ? (journal.best ?? null) : null;
  return {
    id: newId(),
    source,
    settings: { ...settings, train: header.config },
    journal: { ...journal, best: lowest },
    mark: header.text,
    step: header.progress.step,
    checkpoint,
    ...(lowest && best ? { best: { ...lowest, checkpoint: best } } : {}),
  };
}

type Description = Pick<SavedRun, 'source' | 'settings' | 'journal'>;

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

type Shape = Readonly<Record<string, (value: unknown) => boolean>>;

const isNumber = (value: unknown): boolean => typeof value === 'number';
const isText = (value: unknown): boolean => typeof value === 'string';
const isFlag = (value: unknown): boolean => typeof value === 'boolean';
const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const has = (shape: Shape) => (value: unknown) =>
  isObject(value) && Object.entries(shape).every(([key, is]) => is(value[key]));
const list = (is: (value: unknown) => boolean) => (value: unknown) =>
  Array.isArray(value) && value.every(is);
const orNull = (is: (value: unknown) => boolean) => (value: unknown) => value === null || is(value);

const isScore = has({
  character: isText,
  probability: isNumber,
  likeliest: list((pair) => Array.isArray(pair) && isText(pair[0]) && isNumber(pair[1])),
});

/** Of a run that diverged it may be not finite, which is null in JSON. */
const isFigure = orNull(isNumber);

const isJournal = has({
  report: orNull(
    has({
      ...{ step: isNumber, loss: isFigure, smoothedLoss: isFigure, skipped: isNumber },
      // A file of before has no rate.
      lr: (value) => value === undefined || isFigure(value),
      ...{ gradNorm: isFigure, epoch: isFigure, charactersPerSecond: isFigure },
      ...{ bytes: isNumber, pooledBytes: isNumber },
    }),
  ),
  validation: orNull(has({ step: isNumber, loss: isFigure })),
  best: (value) => value === undefined || orNull(has({ step: isNumber, loss: isNumber }))(value),
  points: list(has({ step: isNumber, loss: isFigure, smoothed: isFigure, validation: isFigure })),
  samples: list(
    has({
      ...{ id: isNumber, step: isNumber, automatic: isFlag, temperature: isNumber },
      ...{ prime: isText, text: isText, scores: list(isScore), done: isFlag },
    }),
  ),
});

const isSettings = has({
  device: (value) => ['auto', 'cpu', 'webgpu'].includes(value as string),
  temperature: isNumber,
  stopAfter: (value) => value === undefined || isNumber(value),
  name: (value) => value === undefined || isText(value),
  from: (value) => value === undefined || isText(value),
});

function isDescription(value: unknown): value is Description {
  return has({
    source: has({ name: isText, text: isText }),
    settings: isSettings,
    journal: isJournal,
  })(value);
}
