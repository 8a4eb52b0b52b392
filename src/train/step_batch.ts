import { hostArray } from '../backend/dtype';
import type { NumberArray } from '../backend/dtype';
import type { Batch } from '../data/batch';
import { padded } from '../kernels/pack_tensors';
import type { Device } from '../tensor/device';
import { disown } from '../tensor/scope';
import { sameShape } from '../tensor/shape';
import { tensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import { dtypeOf } from './batch_tensors';
import type { BatchTensors } from './task';

/** An array of more elements has a buffer of its own: its copy would take longer than a write saves. */
const MAX_SHARING = 2 ** 14;

/** Arrays that share a buffer, one behind the other. */
interface Group {
  readonly names: readonly string[];
  /** Where each begins. */
  readonly places: readonly number[];
  /** Of all of them, on the host; undefined for an array by itself. */
  readonly values: NumberArray | undefined;
}

interface Whole extends Group {
  readonly tensor: Tensor;
}

/**
 * A batch on the device, where later batches of its shapes are written over it. Small arrays of one dtype share a
 * buffer, since a write takes its time however few bytes it has.
 */
export class StepBatch {
  /** The arrays by name, in the order of the batch. */
  readonly tensors: BatchTensors<Batch>;
  readonly #wholes: readonly Whole[];

  /** @param batch whose arrays fill their shapes. */
  constructor(device: Device, batch: Batch) {
    const names = Object.keys(batch);
    this.#wholes = groupsOf(batch).map((group) => layOut(device, batch, group));
    const tensors: Record<string, Tensor> = Object.fromEntries(
      this.#wholes.flatMap(({ tensor, names, places }) =>
        names.map((name, i) => [name, tensor.view(batch[name].shape, places[i])]),
      ),
    );
    Object.values(tensors).forEach(disown);
    this.tensors = Object.fromEntries(names.map((name) => [name, tensors[name]]));
  }

  /** Whether `batch` has the same arrays, of the same dtypes and shapes. */
  fits(batch: Batch): boolean {
    const names = Object.keys(batch);
    return (
      names.length === Object.keys(this.tensors).length &&
      names.every((name) => {
        const own: Tensor | undefined = this.tensors[name];
        return own?.dtype === dtypeOf(batch[name]) && sameShape(own.shape, batch[name].shape);
      })
    );
  }

  /** Writes another batch over this one, which must fit. */
  write(batch: Batch): void {
    for (const whole of this.#wholes) whole.tensor.write(gathered(whole, batch));
    // A part does not hear of it: a graph that saved one must.
    for (const part of Object.values(this.tensors)) part.bumpVersion();
  }

  dispose(): void {
    for (const own of Object.values(this.tensors)) own.dispose();
    for (const whole of this.#wholes) whole.tensor.dispose();
  }
}

/** The names of the arrays that share a buffer. */
function groupsOf(batch: Batch): string[][] {
  const names = Object.keys(batch);
  const shares = (name: string) => batch[name].data.length <= MAX_SHARING;
  const small = (['i32', 'f32'] as const).map((dtype) =>
    names.filter((name) => shares(name) && dtypeOf(batch[name]) === dtype),
  );
  const large = names.filter((name) => !shares(name)).map((name) => [name]);
  return [...small.filter((group) => group.length > 0), ...large];
}

function layOut(device: Device, batch: Batch, names: readonly string[]): Whole {
  const dtype = dtypeOf(batch[names[0]]);
  const alone = names.length === 1;
  let size = 0;
  const places = names.map((name) => {
    const place = size;
    const { length } = batch[name].data;
    // One at least: a part that begins where the buffer ends cannot be bound.
    size += alone ? length : padded(Math.max(length, 1), device.backend.partElements);
    return place;
  });
  const group = { names, places, values: alone ? undefined : hostArray(dtype, size) };
  const whole = tensor(device, gathered(group, batch), [size], { dtype });
  disown(whole);
  return { ...group, tensor: whole };
}

/** The values of a buffer, on the host. */
function gathered({ names, places, values }: Group, batch: Batch): NumberArray {
  if (!values) return batch[names[0]].data;
  names.forEach((name, i) => values.set(batch[name].data, places[i]));
  return values;
}
