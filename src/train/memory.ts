import { completeConfig } from './config';
import type { CellName, OptimizerName, TrainConfig } from './config';

/** Of a training run, before there is one. Bytes, but for the parameters. */
export interface MemoryEstimate {
  /** Numbers to learn. */
  parameters: number;
  weights: number;
  /** The gradients, what the update rule remembers, and the copies that it works on. */
  optimizer: number;
  /** What a step keeps for its gradient, the logits, and the state that is carried. */
  activations: number;
  total: number;
}

const FLOAT_BYTES = 4;

interface CellSizes {
  gates: number;
  /** Tensors in the state. */
  states: number;
  /** Hidden floats kept for each step of a sequence; docs/architecture.md says which. */
  kept: number;
}

const CELL_SIZES: Record<CellName, CellSizes> = {
  rnn: { gates: 1, states: 1, kept: 1 },
  lstm: { gates: 4, states: 2, kept: 6 },
  gru: { gates: 3, states: 1, kept: 5 },
};

/** Tensors in the shape of the parameters that a rule remembers, as `makeOptimizer` sets it up. */
const SLOTS: Record<OptimizerName, number> = { sgd: 1, adagrad: 1, rmsprop: 3, adam: 2, adamw: 2 };

/**
 * How many parameters a character model has.
 *
 * @throws ArgumentError naming a setting out of range.
 */
export function countParameters(config: Partial<TrainConfig>, vocabularySize: number): number {
  const { cell, hidden, layers, embedding } = completeConfig(config);
  const { gates } = CELL_SIZES[cell];
  const layer = (input: number) => gates * hidden * (input + hidden + 2);
  const recurrent = layer(embedding || vocabularySize) + (layers - 1) * layer(hidden);
  return vocabularySize * embedding + recurrent + vocabularySize * (hidden + 1);
}

/**
 * What training takes of a device's memory, once a step is recorded: an estimate from the sizes
 * alone. A device may take more: for the samples, for layers swept as a wavefront (a copy of their
 * weights, and of what the highest made), and where it rounds up.
 *
 * @param vocabularySize distinct characters of the text.
 * @throws ArgumentError naming a setting out of range.
 */
export function estimateMemory(
  config: Partial<TrainConfig>,
  vocabularySize: number,
): MemoryEstimate {
  const complete = completeConfig(config);
  const { cell, hidden, layers, batch, seq, dropout } = complete;
  const { gates, states, kept } = CELL_SIZES[cell];
  const parameters = countParameters(complete, vocabularySize);
  const steps = batch * seq;
  // Gradients between the layers; a plain RNN's of its gates take the place of nothing.
  const passed = Math.min(layers, 2) + (cell === 'rnn' ? 1 : 0);
  // The masks, and what they let through: after every layer.
  const masked = dropout > 0 ? 2 * layers : 0;
  const activations =
    steps * (hidden * (kept * layers + passed + masked) + vocabularySize) +
    // The first layer's table of projected characters; later its gradient.
    vocabularySize * gates * hidden +
    states * layers * batch * hidden +
    // Ids and labels.
    2 * steps;
  const [weights, optimizer] = [parameters, (SLOTS[complete.optimizer] + 3) * parameters];
  return {
    parameters,
    weights: FLOAT_BYTES * weights,
    optimizer: FLOAT_BYTES * optimizer,
    activations: FLOAT_BYTES * activations,
    total: FLOAT_BYTES * (weights + optimizer + activations),
  };
}
