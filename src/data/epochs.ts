import { requireCount } from './check';
import { ArgumentError } from '../errors';
import { Random } from '../random';

/** Keeps these numbers apart from others of the same seed, as initial weights are. */
const STREAM = 0x64617461;

/** Examples that may stand in one batch together, by number. */
export interface Group {
  readonly members: Int32Array;
  /** What rows of them are padded to; a number for each length of an example. */
  readonly lengths: readonly number[];
}

export interface EpochOptions {
  batchSize: number;
  seed: number;
  shuffle: boolean;
  dropLast: boolean;
}

/** The numbers from 0 to `length - 1` in an order by chance (Fisher and Yates). */
export function permutation(length: number, random: Random): Int32Array {
  const order = Int32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor((random.bits() / 2 ** 32) * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order;
}

/** Which examples stand in a batch: decided by seed, epoch and index alone. */
export class Epochs {
  readonly perEpoch: number;
  readonly #groups: readonly Group[];
  readonly #options: EpochOptions;
  /** Every batch by its group and where it begins there. */
  readonly #places: readonly (readonly [group: number, start: number])[];
  /** The epoch that was last asked for, as most calls ask for it again. */
  #epoch = -1;
  #members: readonly Int32Array[] = [];
  #order: Int32Array = new Int32Array();

  constructor(groups: readonly Group[], options: EpochOptions) {
    this.#groups = groups;
    this.#options = options;
    const { batchSize, dropLast } = options;
    this.#places = groups.flatMap(({ members }, group) => {
      const batches = (dropLast ? Math.floor : Math.ceil)(members.length / batchSize);
      return Array.from({ length: batches }, (_, i) => [group, i * batchSize] as const);
    });
    this.perEpoch = this.#places.length;
  }

  /** The examples of a batch, by number, and what they are padded to. */
  at(owner: string, epoch: number, index: number): Group {
    requireCount(owner, 'epoch', epoch, 0);
    requireCount(owner, 'index', index, 0);
    if (index >= this.perEpoch) {
      throw new ArgumentError(
        `${owner}: index = ${index}; an epoch has ${this.perEpoch} batches, counted from 0`,
      );
    }
    if (epoch !== this.#epoch) this.#arrange(epoch);
    const [group, start] = this.#places[this.#order[index]];
    const members = this.#members[group].subarray(start, start + this.#options.batchSize);
    return { members, lengths: this.#groups[group].lengths };
  }

  #arrange(epoch: number): void {
    const { seed, shuffle } = this.#options;
    const random = new Random(seed, STREAM + epoch);
    this.#members = this.#groups.map(({ members }) =>
      shuffle ? permutation(members.length, random).map((i) => members[i]) : members,
    );
    this.#order = shuffle
      ? permutation(this.perEpoch, random)
      : Int32Array.from(this.#places, (_, i) => i);
    this.#epoch = epoch;
  }
}
