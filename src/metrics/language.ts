import { ArgumentError } from '../errors';
import { describeValue } from '../options';

/**
 * `exp(loss)`: among how many tokens, all as likely, the model is as undecided.
 *
 * @param loss mean of -ln p of the tokens, in nats, as `crossEntropy` gives it.
 * @throws ArgumentError for a loss that is no number from 0.
 *
 * @example
 * ```ts
 * import { bitsPerCharacter, perplexity } from 'lethe/metrics';
 *
 * const loss = Math.log(8); // nats: as good as a draw among eight
 * console.log(perplexity(loss).toFixed(1), bitsPerCharacter(loss).toFixed(1)); // 8.0 3.0
 * ```
 */
export function perplexity(loss: number): number {
  return Math.exp(checkLoss('perplexity', loss));
}

/**
 * `loss / ln 2`, by character.
 *
 * @param loss mean of -ln p of the tokens, in nats.
 * @param charactersPerToken of the same text, where tokens are words or parts of them.
 * @throws ArgumentError for a loss that is no number from 0, or no positive number of characters.
 */
export function bitsPerCharacter(loss: number, charactersPerToken = 1): number {
  if (!(charactersPerToken > 0 && charactersPerToken < Infinity)) {
    throw new ArgumentError(
      `bitsPerCharacter: charactersPerToken = ${describeValue(charactersPerToken)}; a positive number is needed`,
    );
  }
  return checkLoss('bitsPerCharacter', loss) / Math.LN2 / charactersPerToken;
}

function checkLoss(owner: string, loss: number): number {
  if (typeof loss === 'number' && loss >= 0) return loss;
  throw new ArgumentError(`${owner}: loss = ${describeValue(loss)}; a number from 0 is needed`);
}
