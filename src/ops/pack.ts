import { PACKED, packTensors } from '../kernels/pack_tensors';
import { unpackTensors } from '../kernels/unpack_tensors';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { emptyLike, run } from './common';

/** Writes tensors one behind the other into a flat one, from `offset` on; outside any graph. */
export function pack(tensors: readonly Tensor[], offset: number, flat: Tensor): void {
  inGroups(tensors, offset, (group, sizes) => run(packTensors, { ...group, flat }, sizes));
}

/** The reverse of `pack`. */
export function unpack(flat: Tensor, offset: number, tensors: readonly Tensor[]): void {
  inGroups(tensors, offset, (group, sizes) => run(unpackTensors, { ...group, flat }, sizes));
}

type Group = Record<'x0' | 'x1' | 'x2' | 'x3' | 'x4' | 'x5' | 'x6', Tensor>;
type Sizes = Record<'n0' | 'n1' | 'n2' | 'n3' | 'n4' | 'n5' | 'n6' | 'offset', number>;

function inGroups(
  tensors: readonly Tensor[],
  offset: number,
  call: (group: Group, sizes: Sizes) => void,
): void {
  scope(() => {
    let at = offset;
    for (let from = 0; from < tensors.length; from += PACKED) {
      // Where a group is short, small ones stand in: a kernel writes no buffer under two names.
      const group = Array.from({ length: PACKED }, (_, i): Tensor | undefined => tensors[from + i]);
      const bound = group.map((x) => x ?? emptyLike(tensors[0], [1]));
      const sizes = group.map((x) => x?.size ?? 0);
      call(
        Object.fromEntries(bound.map((x, i) => [`x${i}`, x])) as Group,
        Object.fromEntries([
          ['offset', at],
          ...sizes.map((n, i) => [`n${i}`, n] as const),
        ]) as Sizes,
      );
      at += sizes.reduce((sum, n) => sum + n, 0);
    }
  });
}
