import type { ProxyMarked } from 'comlink';

import type { Answer } from '../../shared/answer';

/** A model, and what it made of the passage. */
export interface MapPoint {
  readonly kind: 'run' | 'ngram';
  /** Of a run, its id; points of one run belong together. */
  readonly run: string;
  /** Training steps of a run, the order of an n-gram. */
  readonly at: number;
  /** Of the passage, in nats per character. */
  readonly loss: number;
  /** ln of the probability of each character of the passage. */
  readonly vector: Float32Array;
}

/** A run that the browser keeps, and the steps of its model. */
export interface KeptModel {
  readonly id: string;
  readonly step: number;
}

/** All models that have read the passage. */
export interface ModelMap {
  /** The passage, from the held-out text of the run that is open. */
  readonly passage: string;
  /** n-grams first, then the runs, each by its steps. */
  readonly points: readonly MapPoint[];
}

/** A nested part of the worker's service, which is called by its path. */
export interface MapService extends ProxyMarked {
  /**
   * What the evaluations of this visit have left of the run that is open and of others on the same text,
   * the models of `kept` runs on that text, and n-grams. Null without a run, or where a later call has
   * ended it.
   */
  points(kept: readonly KeptModel[]): Promise<Answer<ModelMap | null>>;
}

/** What another worker does: laying out takes seconds, and training is not to wait for it. */
export interface LayoutService {
  /** Places in two dimensions, such that near ones have similar vectors; the same for the same vectors. */
  layOut(vectors: readonly Float32Array[]): [x: number, y: number][];
}
