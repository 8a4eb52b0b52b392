import { dispose } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { evaluationWindows } from '../text/streams';
import type { WindowSize } from '../text/streams';
import { windowTensors } from './char_model';
import type { CharModel } from './char_model';
import { evaluating } from './evaluating';
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
  const { device } = model.decoder.weight;
  const ring = new LossRing(device, RING);
  const losses: number[] = [];
  const weights: number[] = [];
  let state: Tensor[] | undefined;
  try {
    for (const window of evaluationWindows(ids, { batch, seq })) {
      if (ring.full) losses.push(...(await ring.drain()));
      const result = evaluating(model, () =>
        model.loss(
          windowTensors(device, window.batch, window.seq, window),
          state ?? model.zeroState(window.batch),
        ),
      );
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
