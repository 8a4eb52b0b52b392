import { CELL_FACTS } from '../nn/cells/facts';
import { DEFAULTS, forgetBiasOf, withoutFormer } from './config';
import type { TrainConfig } from './config';
import { isProgress } from './progress';
import type { Progress } from './progress';
import { isMark } from './text_mark';
import type { TextMark } from './text_mark';

/** What a checkpoint says beside its tensors. */
export interface CheckpointHeader {
  /** The version of the format; 1 so far. */
  format: number;
  /** The settings of the run. */
  config: TrainConfig;
  /** Code points of the characters, in the order of their ids. */
  vocabulary: number[];
  /** Where training stood. */
  progress: Progress;
  /** Which text it was trained on. */
  text: TextMark;
  /** On the held-out text at this step, nats per character, where it was measured. */
  valLoss?: number;
}

/** With the settings that are younger than the format, without those that there are no more, or that did nothing. */
export function migrated(config: Partial<TrainConfig>): TrainConfig {
  const { steps = null, cell, forgetBias } = config;
  const complete = { ...withoutFormer(config), steps } as TrainConfig;
  // Earlier versions kept a bias that no gate takes. The cell may be damaged.
  if (forgetBias !== undefined && Object.hasOwn(CELL_FACTS, cell!)) {
    complete.forgetBias = forgetBiasOf(cell!, forgetBias);
  }
  // Written as defaults, which did not follow the run: without a schedule they meant nothing.
  if (config.steps !== undefined || config.schedule !== 'constant') return complete;
  return { ...complete, scheduleSteps: null, gamma: null };
}

/** False where the header is damaged. */
export function isHeader(header: Partial<CheckpointHeader>): header is CheckpointHeader {
  const { config, progress, text } = header;
  return (
    typeof config === 'object' &&
    (config as unknown) !== null &&
    Object.keys(DEFAULTS).every((key) => key in config) &&
    isProgress(progress) &&
    isMark(text) &&
    ['undefined', 'number'].includes(typeof header.valLoss)
  );
}
