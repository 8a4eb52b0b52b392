import type { ProxyMarked } from 'comlink';

import type { Influence, LayerTrace, UnitClaim } from '../../../src/inspect/index';
import type { Answer } from '../../shared/answer';

/** What the model expected before it read a character. */
export interface Guess {
  /** The likeliest, with their probabilities, likeliest first. */
  readonly likeliest: readonly (readonly [character: string, probability: number])[];
  /** Of the character that came. */
  readonly probability: number;
}

/** A model read a text: what went on inside. */
export interface Look {
  text: string;
  /** Training steps that the model had behind it. */
  step: number;
  layers: LayerTrace[];
  /** What each unit follows, what convinces most first. */
  claims: UnitClaim[];
  /** For each character. */
  guesses: Guess[];
}

/** Which characters mattered to a prediction, in the model as it was after `step`. */
export interface Mattering extends Influence {
  text: string;
  position: number;
  step: number;
}

/** A nested part of the worker's service, which is called by its path. */
export interface CellsService extends ProxyMarked {
  /** Has the model of the current run read a text, between two steps; null without a run. */
  look(text: string): Promise<Answer<Look | null>>;
  /** What mattered to the character at `position`, from 1; null without a run. */
  influence(text: string, position: number): Promise<Answer<Mattering | null>>;
}
