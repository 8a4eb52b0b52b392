import type { Device } from '../../src/index';
import type { CharTrainer } from '../../src/train/index';
import type { RunInfo } from './protocol';

export function runInfo({ kind, description, reason }: Device, trainer: CharTrainer): RunInfo {
  return {
    device: { kind, description, reason },
    parameters: trainer.model.parameterCount(),
    vocabulary: trainer.vocabulary.size,
    charactersPerStep: trainer.charactersPerStep,
    stepsPerEpoch: trainer.stepsPerEpoch,
  };
}
