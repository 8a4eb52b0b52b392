import { ArgumentError, IndexError } from '../errors';
import { describeValue } from '../options';
import type { Tensor } from '../tensor/tensor';
import type { Window } from '../text/streams';
import type { CharModel } from '../train/char_model';

/** A window of text, as `Streams` cuts it. */
export type TextWindow = Pick<Window, 'inputs' | 'targets' | 'seq' | 'batch'>;

/** @throws ArgumentError naming the size that is no integer from 1. */
export function checkWindow(operation: string, { seq, batch }: TextWindow): void {
  for (const [name, value] of Object.entries({ seq, batch })) {
    if (Number.isInteger(value) && value > 0) continue;
    throw new ArgumentError(
      `${operation}: ${name} = ${describeValue(value)}; an integer from 1 is needed`,
    );
  }
}

/** @throws ArgumentError naming a tensor that has a gradient. */
export function checkNoGradient(
  operation: string,
  named: Iterable<readonly [string, Tensor]>,
): void {
  for (const [name, { grad }] of named) {
    if (!grad) continue;
    throw new ArgumentError(
      `${operation}: ${name} has a gradient, which would be added to; call zeroGrad() first`,
    );
  }
}

/** What a character model is made of, whatever it is called in a model of one's own. */
export type CharParts = Pick<CharModel, 'embedding' | 'rnn' | 'decoder'>;

/**
 * @throws ArgumentError for a model that lacks one of its three parts, or has layers of two directions, whose
 *   cells do not follow each other.
 */
export function checkParts(operation: string, { embedding, rnn, decoder }: CharParts): void {
  for (const [name, part] of Object.entries({ embedding, rnn, decoder })) {
    if (typeof part === 'object') continue;
    throw new ArgumentError(
      `${operation}: model.${name} = ${describeValue(part)}; a model with other names is given by its parts, as ` +
        '{ embedding: model.embedding, rnn: model.lstm, decoder: model.decoder }',
    );
  }
  if (!rnn.bidirectional) return;
  throw new ArgumentError(`${operation}: rnn is bidirectional; layers of one direction are needed`);
}

/** @throws IndexError with the position of an id that the vocabulary lacks. */
export function checkKnown(operation: string, ids: ArrayLike<number>, vocabulary: number): void {
  for (let t = 0; t < ids.length; t++) {
    if (Number.isInteger(ids[t]) && ids[t] >= 0 && ids[t] < vocabulary) continue;
    throw new IndexError(
      `${operation}: id ${ids[t]} at position ${t} is outside a vocabulary of ${vocabulary} ` +
        `characters (ids 0 to ${vocabulary - 1})`,
    );
  }
}
