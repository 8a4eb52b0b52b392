import { PACKED, packTensors } from '../kernels/pack_tensors';
import { unpackTensors } from '../kernels/unpack_tensors';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { emptyLike, run } from './common';

/** Writes each tensor into a flat one, to its place, and zeros behind it up to a multiple of `pad`; outside any graph. */
export function pack(
  tensors: readonly Tensor[],
  places: readonly number[],
  flat: Tensor,
  pad = 1,
): void {
  inGroups(tensors, places, (group, params) => {
    // What is read may be bound twice.
    run(packTensors, { ...bound(group, () => tensors[0]), flat }, { ...params, pad });
  });
}

/** The reverse of `pack`. */
export function unpack(flat: Tensor, places: readonly number[], tensors: readonly Tensor[]): void {
  inGroups(tensors, places, (group, params) =>
    scope(() => {
      const others = () => emptyLike(tensors[0], [1]);
      run(unpackTensors, { ...bound(group, others), flat }, { ...params, pad: 1 });
    }),
  );
}

type Names<Name extends string, Value> = Record<`${Name}${0 | 1 | 2 | 3 | 4 | 5 | 6}`, Value>;

function numbered<Name extends string, Value>(
  name: Name,
  value: (i: number) => Value,
): Names<Name, Value> {
  const entries = Array.from({ length: PACKED }, (_, i) => [`${name}${i}`, value(i)] as const);
  return Object.fromEntries(entries) as Names<Name, Value>;
}

/** A group's tensors, and others in the place of those that are missing. */
function bound(group: readonly Tensor[], others: () => Tensor): Names<'x', Tensor> {
  return numbered('x', (i) => group[i] ?? others());
}

function inGroups(
  tensors: readonly Tensor[],
  places: readonly number[],
  call: (group: readonly Tensor[], params: Names<'n', number> & Names<'at', number>) => void,
): void {
  for (let from = 0; from < tensors.length; from += PACKED) {
    const group = tensors.slice(from, from + PACKED);
    call(group, {
      ...numbered('n', (i) => group.at(i)?.size ?? 0),
      ...numbered('at', (i) => places[from + i] ?? 0),
    });
  }
}
