import type { TrainEvent } from '../train/loop';
import { rounded, significant } from './numbers';

/** A report as JSON: in `log.jsonl`, and in the lines of `--json`. */
export interface ReportLine {
  step: number;
  epoch: number;
  loss: number;
  smoothedLoss: number;
  /** Left out where it was not measured. */
  valLoss?: number;
  lr: number;
  gradNorm: number;
  skipped: number;
  charsPerSecond: number;
}

/** In as many digits as say something. */
export function reportLine(report: TrainEvent & { kind: 'report' }): ReportLine {
  const { step, epoch, loss, smoothedLoss, valLoss, lr, gradNorm, skipped } = report;
  return {
    step,
    epoch: rounded(epoch, 4),
    loss: rounded(loss, 6),
    smoothedLoss: rounded(smoothedLoss, 6),
    ...(valLoss === undefined ? {} : { valLoss: rounded(valLoss, 6) }),
    lr: significant(lr, 6),
    gradNorm: significant(gradNorm, 6),
    skipped,
    charsPerSecond: Math.round(report.charactersPerSecond),
  };
}
