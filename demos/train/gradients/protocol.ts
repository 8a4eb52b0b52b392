import type { GradientFlow, StepGradient } from '../../../src/inspect/index';
import type { CellName, TrainConfig } from '../../../src/train/index';
import type { Answer } from '../../shared/answer';

/** What the gradient runs through. */
export interface FlowText {
  text: string;
  /** Characters of each window: the curve goes back so far, less one. */
  seq: number;
  /** Largest gradient norm of a step; 0 for no limit. */
  clip: number;
}

/** What new models are made of. */
export interface FlowRequest extends FlowText {
  train: Partial<TrainConfig>;
  /** Factor on the recurrent weights. */
  gain: number;
}

/** What was measured of a model. */
export interface FlowCurve {
  cell: CellName;
  hidden: number;
  layers: number;
  norms: GradientFlow['norms'];
  /** Of a step on the same windows. */
  whole: StepGradient;
}

/** The model of the run. */
export interface RunCurve extends FlowCurve {
  /** Training steps behind it. */
  step: number;
}

export interface FlowService {
  /** A new model of each cell that is compared, the chosen one among them. */
  fresh(request: FlowRequest): Promise<Answer<FlowCurve[]>>;
  /** The model in training as it is now; null without one. */
  ofRun(request: FlowText): Promise<Answer<RunCurve | null>>;
}
