import { CELL_FACTS } from '../nn/cells/facts';
import { completeConfig } from './config';
import type { OptimizerName, TrainConfig } from './config';

/** Of a training run, before there is one. Bytes, but for the parameters. */
export interface MemoryEstimate {
  /** Numbers to learn. */
  parameters: number;
  /** The parameters themselves. */
  weights: number;
  /** The gradients, a flat copy of them, and what the update rule remembers. */
  optimizer: number;
  /** What a step keeps for its gradient, the logits, and the state that is carried. */
  activations: number;
  /** All of it. */
  total: number;
}

const FLOAT_BYTES = 4;

/** Tensors in the shape of the parameters that a rule remembers, as `makeOptimizer` sets it up. */
const SLOTS: Record<OptimizerName, number> = { sgd: 1, adagrad: 1, rmsprop: 3, adam: 2, adamw: 2 };

/**
 * How many parameters a character model has.
 *
 * @throws ArgumentError naming a setting out of range.
 */
export function countParameters(config: Partial<TrainConfig>, vocabularySize: number): number {
  const { cell, hidden, layers, embedding } = completeConfig(config);
  const { gates, vectors, dense } = CELL_FACTS[cell];
  const layer = (input: number) =>
    hidden * (gates * (input + 1 + (dense ? hidden + 1 : 0)) + vectors);
  const recurrent = layer(embedding || vocabularySize) + (layers - 1) * layer(hidden);
  return vocabularySize * embedding + recurrent + vocabularySize * (hidden + 1);
}

/**
 * What training takes of a device's memory, once a step is recorded: an estimate from the sizes
 * alone. A device may take more: for the samples, for layers run as a wavefront (a copy of their
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
  const { gates, state, kept, remade } = CELL_FACTS[cell];
  const parameters = countParameters(complete, vocabularySize);
  const steps = batch * seq;
  // Gradients between the layers; those of gates that are not kept take the place of nothing.
  const passed = Math.min(layers, 2) + remade;
  // The masks, and what they let through: after every layer.
  const masked = dropout > 0 ? 2 * layers : 0;
  const activations =
    steps * (hidden * (kept * layers + passed + masked) + vocabularySize) +
    // The first layer's table of projected characters; later its gradient.
    vocabularySize * gates * hidden +
    state * layers * batch * hidden +
    // Ids and labels.
    2 * steps;
  const [weights, optimizer] = [parameters, (SLOTS[complete.optimizer] + 2) * parameters];
  return {
    parameters,
    weights: FLOAT_BYTES * weights,
    optimizer: FLOAT_BYTES * optimizer,
    activations: FLOAT_BYTES * activations,
    total: FLOAT_BYTES * (weights + optimizer + activations),
  };
}
