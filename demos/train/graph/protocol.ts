import type { GraphOperation, GraphTensor, Statistics } from '../../../src/inspect/index';
import type { TrainConfig } from '../../../src/train/index';
import type { Answer } from '../../shared/answer';

/** What to draw the graph of. */
export interface GraphRequest {
  /** A new, small model of these settings, or the one of the run. */
  model: 'new' | 'run';
  train: Partial<TrainConfig>;
  text: string;
  /** One operation a layer, as it is trained; else step by step. */
  fused: boolean;
}

/** A tensor of the graph, in numbers. */
export interface TensorFacts extends Omit<GraphTensor, 'value' | 'gradient'> {
  value: Statistics;
  gradient: Statistics | null;
}

export interface GraphFacts {
  operations: readonly GraphOperation[];
  tensors: readonly TensorFacts[];
  root: number;
  /** Of the model. */
  cell: TrainConfig['cell'];
  /** Names of the parts of its state, the output first. */
  state: readonly string[];
  hidden: number;
  layers: number;
  embedding: number;
  /** Time steps and windows. */
  seq: number;
  batch: number;
  /** Training steps behind the run's model; null for a new one. */
  step: number | null;
}

export interface GraphService {
  /** The graph of one small training step; null for the run's model, if there is no run. */
  trace(request: GraphRequest): Promise<Answer<GraphFacts | null>>;
}
