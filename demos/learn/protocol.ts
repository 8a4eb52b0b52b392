import type { Answer } from '../shared/answer';
import type { Problem } from '../shared/problem';
import type { Device } from '../../src/index';
import type { BestMetric, Metrics, Report } from '../../src/train/index';
import type { Baseline } from '../tasks/example';

/** What a training begins with. All of it crosses to the worker, so it is plain values. */
export interface LearnOptions<Settings> {
  /** Of weights, order and masks; 1 when left out. */
  seed?: number;
  /** Passes over the data; as the example has it when left out. */
  epochs?: number;
  /** `auto` when left out. */
  device?: 'auto' | Device['kind'];
  /** What the lesson makes its example by: a cell, data of one's own. */
  settings?: Settings;
}

/** What a lesson found in data of one's own. */
export interface Found {
  /** How many there are, of which kinds, and how they are divided. */
  told: string;
  /** What is asked of a network that has learnt them. */
  question: string;
  /** What the monitored figure is called, where it is another than the lesson's own. */
  metric?: string;
  /** Examples of the test part, where its figure is a share of them. */
  tested?: number;
  /** Inputs that were not learnt from, to try. */
  inputs: readonly string[];
}

/** A training that is open: nothing is trained yet. */
export interface Opened {
  title: string;
  /** A line on the data, such as how many examples each part has. */
  data: string | null;
  baseline: Baseline;
  parameters: number;
  device: { kind: Device['kind']; description: string; reason: string };
  stepsPerEpoch: number;
  /** Of the whole training. */
  steps: number;
  /** The figure that tells which model is the best, and whether that is the smallest or the largest. */
  monitor: string;
  mode: 'min' | 'max';
}

/** What a model of a file says of itself. */
export interface Given {
  parameters: number;
  /** Of its training, where the file tells. */
  best: BestMetric | null;
}

/**
 * Which model answers: the one in training as it is `now`, the `given` one of a file, that of the training `before`, or
 * the one in training as it was at a step of `snapshots`.
 */
export type Which = 'now' | 'given' | 'before' | number;

/** What the steps since the last report came to. */
export interface LearnReport extends Report {
  stepsPerSecond: number;
  /** Figures on data held out from training, where they were measured. */
  metrics?: Metrics;
  /** The monitored figure is the best so far. */
  improved?: boolean;
}

/**
 * Norms of the gradient of one output's logit along the arrows of an unrolled network, for each column: by the state that
 * goes on to the next (all its parts together), by the one that goes back to the column before, by what the state gives
 * upwards besides, to an output or to attention, and by the input.
 */
export type Gradients = Readonly<Record<'ahead' | 'back' | 'up' | 'into', readonly number[]>>;

/** What the worker tells of its own accord, in order. */
export type LearnEvent<Reply> =
  /** Shaders ready, of those that the first step waits for. */
  | { kind: 'compiling'; done: number; total: number }
  | { kind: 'report'; report: LearnReport }
  /** The answer of the model as it is to the input that is followed. */
  | { kind: 'shown'; step: number; answer: Answer<Reply> }
  /** A model of this step can be asked from now on. */
  | { kind: 'snapshot'; step: number }
  /** The training is done; the model is the best one of it, and these are its figures on the test data. */
  | { kind: 'done'; step: number; best: BestMetric | null; test: Metrics }
  /** The training is over; its snapshots can still be asked. */
  | { kind: 'failed'; problem: Problem };

export type LearnListener<Reply> = (event: LearnEvent<Reply>) => void;

/**
 * Hears that the model of a training that is being closed can be asked as `before`, and the step that it learnt until:
 * of a training that was done, that of its best model. Not called where the model cannot be kept.
 */
export type KeptListener = (step: number) => void;

/** What a worker with lessons does for its page: one lesson, and one training of it, at a time. */
export interface LearnService<Settings, Input, Reply> {
  /**
   * Takes a lesson up, by its name, and closes what there is of the one before. No lesson is chosen meanwhile, and none
   * where it cannot be loaded.
   *
   * @param kept the model in training is to be the `before` of its lesson, once that is taken up again; null where not.
   */
  choose(lesson: string, kept: KeptListener | null): Promise<Answer<null>>;
  /**
   * Takes over the model of a file that `save` gave: it answers as `given`, without data or training. Refused where
   * another lesson has been chosen meanwhile; the model before stays then, and where the file is not of this lesson.
   */
  use(lesson: string, bytes: Uint8Array): Promise<Answer<Given>>;
  /** `Lesson.found`; null of a lesson that takes no data of one's own. */
  find(settings: Settings): Promise<Answer<Found | null>>;
  /**
   * Loads the data and makes the model, after closing the training before; the given model stays.
   *
   * @param listener hears what the training tells.
   * @param kept the model of the training before is to be the `before` of this lesson; null where not.
   */
  open(
    options: LearnOptions<Settings>,
    listener: LearnListener<Reply>,
    kept: KeptListener | null,
  ): Promise<Answer<Opened>>;
  /** Trains until `pause`, or to its end. */
  resume(): void;
  /** Resolves when no step is under way. */
  pause(): Promise<void>;
  /** Answers between two steps. */
  ask(input: Input, which: Which): Promise<Answer<Reply>>;
  /** `Lesson.gradient`; null of a lesson that has none. */
  gradient(input: Input, output: number | null, which: Which): Promise<Answer<Gradients | null>>;
  /** Has `shown` told of this input from now on, again and again while training; null for of none. */
  follow(input: Input | null): Promise<void>;
  /** A model as a file that `use`, and `lethe task`, read: without what only training needs. */
  save(which: Which): Promise<Answer<Uint8Array<ArrayBuffer>>>;
  /** Ends the training and frees it and its snapshots; the given model stays. */
  close(): Promise<void>;
}
