import type { ProxyMarked } from 'comlink';

import type { LayerTrace } from '../../../src/inspect/index';
import type { Answer } from '../answer';

/** A model read a text: what went on inside. */
export interface Look {
  text: string;
  /** Training steps that the model had behind it. */
  step: number;
  layers: LayerTrace[];
}

/** A nested part of the worker's service, which is called by its path. */
export interface CellsService extends ProxyMarked {
  /** Has the model of the current run read a text, between two steps; null without a run. */
  look(text: string): Promise<Answer<Look | null>>;
}
