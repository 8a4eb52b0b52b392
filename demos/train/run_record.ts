import { migrated } from '../../src/train/checkpoint_header';
import { completeConfig } from '../../src/train/config';
import type { TrainConfig } from '../../src/train/config';
import { CELL_LABELS } from './cell_labels';
import { halved } from './journal';
import type { Journal, Point, RunSettings } from './protocol';

/** What a run was made of, and what came of it; plain values. */
export interface RunRecord {
  name: string;
  text: string;
  /** Length of the text in UTF-16 units; runs of before do not tell. */
  textLength?: number;
  device: string;
  settings: TrainConfig;
  points: readonly Point[];
  step: number;
  /** Smoothed, nats per character. */
  loss: number;
  validation: number | null;
  charactersPerSecond: number;
}

/** A run that is over, and stays to be compared with. */
export interface KeptRun extends RunRecord {
  /** Tells its curve from others. */
  id: number;
  /** Its id in this browser's storage, or one of its own. */
  key: string;
  /** True where this browser keeps its model: it can be opened again. */
  model: boolean;
  /** True while its curve is drawn. */
  shown: boolean;
}

/** Points that a kept run has at most. */
const MAX_POINTS = 1000;

/** A text, as runs tell it from others. */
export interface TextName {
  name: string;
  /** In UTF-16 units. */
  length: number;
}

/** Whether a run is on a text. */
export function isOn({ text, textLength }: RunRecord, { name, length }: TextName): boolean {
  return text === name && (textLength === undefined || textLength === length);
}

/** The record of a run; null before its first loss. */
export function recordOf(
  { name: text, length: textLength }: TextName,
  device: string,
  { train, name }: RunSettings,
  { report, points, validation }: Journal,
): RunRecord | null {
  if (!report) return null;
  const settings = completeConfig(migrated(train));
  return {
    name: name ?? nameOf(settings),
    ...{ text, textLength, device, settings, points },
    step: report.step,
    loss: report.smoothedLoss,
    validation: validation?.loss ?? null,
    charactersPerSecond: report.charactersPerSecond,
  };
}

/** `LSTM 2x128`: layers and units. */
function nameOf({ cell, layers, hidden }: TrainConfig): string {
  return `${CELL_LABELS[cell]} ${layers}x${hidden}`;
}

/** Every second point, until they are no more than `most`. */
export function thinned(all: readonly Point[], most = MAX_POINTS): readonly Point[] {
  let points = all;
  while (points.length > most) points = halved(points);
  return points;
}

/** A run that was stored as JSON, by this version or an older one; null for anything else. */
export function readKeptRun(value: unknown): KeptRun | null {
  const run = (value ?? {}) as Partial<KeptRun>;
  const { id, name, points, settings, key = `run ${id}`, model = false } = run;
  const whole =
    typeof id === 'number' &&
    typeof name === 'string' &&
    Array.isArray(points) &&
    typeof settings === 'object';
  return whole ? { ...(run as KeptRun), key, model } : null;
}
