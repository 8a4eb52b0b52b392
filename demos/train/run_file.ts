import { CheckpointError } from '../../src/errors';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/index';
import { completeConfig, readCheckpoint } from '../../src/train/index';
import { EMPTY } from './journal';
import type { Journal } from './journal';
import type { RunSettings, TextSource } from './protocol';

/** A run as it is kept: everything that is needed to go on as if nothing had happened. */
export interface SavedRun {
  source: TextSource;
  settings: RunSettings;
  journal: Journal;
  /** Steps done. */
  step: number;
  /** A safetensors file: weights, optimiser, carried state, place in the text. */
  checkpoint: Uint8Array<ArrayBuffer>;
}

/** Of what this module adds to a checkpoint. */
const VERSION = 1;

/** A run as one safetensors file: its checkpoint, and the rest as JSON in the metadata. */
export function encodeRunFile({ checkpoint, ...rest }: SavedRun): Uint8Array<ArrayBuffer> {
  const { tensors, metadata } = decodeSafetensors(checkpoint);
  return encodeSafetensors(tensors, {
    ...metadata,
    studio: JSON.stringify({ version: VERSION, ...rest }),
  });
}

/**
 * Reads what `encodeRunFile` wrote.
 *
 * @throws CheckpointError when the file is damaged, of another version, or not a run of the studio.
 * @throws ArgumentError for a setting out of range.
 */
export function decodeRunFile(bytes: Uint8Array, name: string): SavedRun {
  const { tensors, metadata } = decodeSafetensors(bytes, name);
  const { studio, ...others } = metadata;
  const checkpoint = encodeSafetensors(tensors, others);
  const { header } = readCheckpoint(checkpoint, name);
  if (studio === undefined) {
    throw new CheckpointError(
      `${name}: a model without its run (no text, no curves); import a file of "Export run"`,
    );
  }
  const rest = parse(studio);
  if (rest?.version !== undefined && rest.version !== VERSION) {
    throw new CheckpointError(
      `${name}: version ${JSON.stringify(rest.version)} of the studio's file; this page reads ` +
        `version ${VERSION}`,
    );
  }
  if (!isWhole(rest)) {
    throw new CheckpointError(`${name}: its description is damaged; the file was changed`);
  }
  const { source, settings, journal } = rest;
  completeConfig(settings.train);
  return { source, settings, journal, step: header.progress.step, checkpoint };
}

type Described = Omit<SavedRun, 'checkpoint'> & { version: number };

function parse(json: string): Partial<Described> | null {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' ? value : null;
  } catch {
    return null;
  }
}

function isWhole(rest: Partial<Described> | null): rest is Described {
  const { source, settings, journal } = rest ?? {};
  const lists = [journal?.points, journal?.samples];
  return (
    rest?.version === VERSION &&
    typeof source?.text === 'string' &&
    typeof source.name === 'string' &&
    typeof settings?.train === 'object' &&
    typeof settings.temperature === 'number' &&
    ['auto', 'cpu', 'webgpu'].includes(settings.device) &&
    Object.keys(EMPTY).every((key) => key in journal!) &&
    lists.every(Array.isArray)
  );
}
