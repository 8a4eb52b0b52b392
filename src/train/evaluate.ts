import { noGrad } from '../autograd/graph';
import { dispose, scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { evaluationWindows } from '../text/streams';
import type { WindowSize } from '../text/streams';
import type { CharModel } from './char_model';
import { LossRing } from './loss_ring';

/** Windows whose losses wait on the device before they are read. */
const RING = 64;

/**
 * The mean loss on a text, in nats per character: contiguous streams, the state carried from start
 * to end, every character of the streams counted once.
 *
 * @throws TextError for fewer than two characters.
 */
export async function evaluate(
  model: CharModel,
  ids: Int32Array,
  { batch, seq }: WindowSize,
): Promise<number> {
  const ring = new LossRing(model.decoder.weight.device, RING);
  const losses: number[] = [];
  const weights: number[] = [];
  const training = model.training;
  let state: Tensor[] | undefined;
  try {
    for (const window of evaluationWindows(ids, { batch, seq })) {
      if (ring.full) losses.push(...(await ring.drain()));
      model.eval();
      const result = noGrad(() =>
        scope(() => model.loss(window, state ?? model.zeroState(window.batch))),
      );
      model.train(training);
      ring.push(result.loss);
      weights.push(window.seq * window.batch);
      result.loss.dispose();
      dispose(state);
      state = result.state;
    }
    losses.push(...(await ring.drain()));
  } finally {
    dispose(state);
    ring.dispose();
  }
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return losses.reduce((sum, loss, i) => sum + loss * weights[i], 0) / total;
}
