import type { Device } from './device';
import { disown } from './scope';
import type { Shape } from './shape';
import { tensor } from './tensor';
import type { Tensor } from './tensor';

/**
 * An i32 tensor that a step makes from numbers of the host, the same at every replay: while a recording
 * is under way it is made outside of that, which keeps and frees it.
 */
export function constantIds(device: Device, ids: ArrayLike<number>, shape: Shape): Tensor {
  const make = (): Tensor => tensor(device, ids, shape, { dtype: 'i32' });
  const { notes } = device;
  if (!notes) return make();
  const constant = device.unrecorded(make);
  disown(constant);
  notes.constants.push(constant);
  return constant;
}
