/**
 * The training loop for any task, and character models: checkpoints, evaluation, sampling.
 *
 * @module
 */
export type { KeptMetric } from './best_parameters';
export { batchTensors } from './batch_tensors';
export { charLanguageModel } from './char_language_model';
export type { CharLanguageModelOptions, CharLanguageState } from './char_language_model';
export { CharModel } from './char_model';
export type { WindowTensors } from './char_model';
export { CharTask } from './char_task';
export type { TextBatch } from './char_task';
export { CharTrainer } from './char_trainer';
export type { Progress, Report } from './progress';
export {
  checkSameText,
  loadModel,
  modelOnly,
  readCheckpoint,
  resumeTraining,
  saveCheckpoint,
} from './checkpoint';
export type { Checkpoint } from './checkpoint';
export type { CheckpointHeader } from './checkpoint_header';
export { markText } from './text_mark';
export type { TextMark } from './text_mark';
export {
  CELL_NAMES,
  CHANGEABLE,
  changedConfig,
  completeConfig,
  DEFAULTS,
  OPTIMIZERS,
  SCHEDULES,
} from './config';
export type {
  CellName,
  ChangeableName,
  ModelConfig,
  OptimizerName,
  ScheduleName,
  TrainConfig,
} from './config';
export { evalMode } from './eval_mode';
export { evaluate } from './evaluate';
export type { BestMetric, FitEvent, FitOptions, FitReport, StartedEvent, StepEvent } from './fit';
export { train } from './loop';
export type { Best, LoopOptions, TrainEvent, TrainReport } from './loop';
export type { Penalty } from './penalties';
export { countParameters, estimateMemory } from './memory';
export type { MemoryEstimate } from './memory';
export { checkSample, checkSampleTexts } from './sample_options';
export type { SampleOptions, SamplePlan, SampleTextsOptions } from './sample_options';
export { drawIndex, sample, sampleText, sampleTexts } from './sampling';
export type { DrawIndexOptions } from './sampling';
export { TextScorer } from './scoring';
export type { CharacterScore, ScoringOptions } from './scoring';
export { layOut } from './setup';
export type { BatchTensors, Metrics, Position, Task } from './task';
export { Trainer } from './trainer';
export type { TrainerOptions } from './trainer_options';
export { loadTraining, ofModel, readTrainingFile, saveTraining } from './training_file';
export type { SafeTensors, TrainingFile } from './training_file';
export { grownVocabulary, initFromCheckpoint, warmStartConfig } from './warm_start';
