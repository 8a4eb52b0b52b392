import type { HostArray } from './batch';
import { isI32 } from './batch';
import { requireSome } from './check';
import { ArgumentError, DataError } from '../errors';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';

/** What `padSequences` and `padVectors` both take. */
export interface PadOptions {
  /** Steps of the result; those of the longest row when left out. */
  time?: number;
  /** The fewest steps that a row may have; 1 when left out, as layers need. */
  minLength?: number;
}

/** What `padSequences` takes. */
export interface PadSequencesOptions extends PadOptions {
  /** The id after the end of a row, as that of `<pad>`; -100 for targets that a loss is to skip. */
  padding: number;
}

/** What `padVectors` takes. */
export interface PadVectorsOptions extends PadOptions {
  /** The number after the end of a row; 0 when left out. */
  padding?: number;
}

const PAD_OPTIONS: OptionNames<PadSequencesOptions> = {
  padding: true,
  time: true,
  minLength: true,
};

/** What `padTargets` takes. */
export interface PadTargetsOptions extends Pick<PadSequencesOptions, 'padding' | 'time'> {
  /** The id that a decoder is given first, as that of `<bos>`. */
  begin: number;
  /** The id that it is to say last, as that of `<eos>`. */
  end: number;
}

const TARGET_OPTIONS: OptionNames<PadTargetsOptions> = {
  begin: true,
  end: true,
  padding: true,
  time: true,
};

/** Lengths and mask of a padded batch, which tell its steps from the padding. */
export interface PadMask {
  /** [B] i32: the steps of each row. */
  readonly lengths: HostArray;
  /** [T, B] f32: 1 where a row has a step, 0 after its end. */
  readonly mask: HostArray;
}

/** Rows of ids in one array, with their lengths: what `padSequences` gives. */
export interface PaddedSequences extends PadMask {
  /** [T, B] i32, time-major: step t of row b is at `t * B + b`. */
  readonly ids: HostArray;
}

/** Targets of a decoder under teacher forcing: what `padTargets` gives, and `EncoderDecoder.loss` takes. */
export interface PaddedTargets {
  /** [T, B] i32: what the decoder is given, each row behind `begin`. */
  readonly target: HostArray;
  /** [T, B] i32: what it is to say, each row with `end` behind it; then -100, which counts nothing in a loss. */
  readonly labels: HostArray;
}

/** Rows of vectors in one array, with their lengths: what `padVectors` gives. */
export interface PaddedVectors extends PadMask {
  /** [T, B, D] f32, time-major. */
  readonly values: HostArray;
}

/**
 * Rows of ids, of different lengths, side by side as [T, B].
 *
 * @param rows B rows, at least one.
 * @throws DataError naming the row that is too short, longer than `time`, or holds what is no i32.
 * @throws ArgumentError for a padding that is no i32.
 * @example
 * ```ts
 * import { padSequences } from 'lethe/data';
 *
 * const { ids, lengths } = padSequences([[5, 6, 7], [8]], { padding: 0 });
 * console.log(ids.shape, ids.data); // [ 3, 2 ] Int32Array(6) [ 5, 8, 6, 0, 7, 0 ]
 * console.log(lengths.data); // Int32Array(2) [ 3, 1 ]
 * ```
 */
export function padSequences(
  rows: readonly ArrayLike<number>[],
  options: PadSequencesOptions,
): PaddedSequences {
  checkOptions('padSequences', options, PAD_OPTIONS);
  const ids = padIds('padSequences', rows, options);
  return { ids, ...padMask(rows, ids.shape[0]) };
}

/**
 * The targets of a decoder, of different lengths, side by side as [T, B], twice: as it is given them, from `begin`
 * on, and as it is to say them, to `end`. So at each step it is given the id before the one that it is to say
 * (teacher forcing). T is one more than the longest row has, or `time`.
 *
 * @param rows B rows of ids without marks, at least one; a row may be empty.
 * @throws DataError naming the row that is, with its mark, longer than `time`, or holds what is no i32.
 * @throws ArgumentError for a mark or a padding that is no i32.
 * @example
 * ```ts
 * import { padTargets } from 'lethe/data';
 *
 * const { target, labels } = padTargets([[5, 6], [7]], { begin: 2, end: 3, padding: 0 });
 * console.log(target.shape, target.data); // [ 3, 2 ] Int32Array(6) [ 2, 2, 5, 7, 6, 0 ]
 * console.log(labels.data); // Int32Array(6) [ 5, 7, 6, 3, 3, -100 ]
 * ```
 */
export function padTargets(
  rows: readonly ArrayLike<number>[],
  options: PadTargetsOptions,
): PaddedTargets {
  const owner = 'padTargets';
  checkOptions(owner, options, TARGET_OPTIONS);
  const { begin, end, padding, time } = options;
  checkId(owner, 'begin', begin);
  checkId(owner, 'end', end);
  requireSome(owner, 'rows', rows);
  const said = rows.map((row) => [...Array.from(row), end]);
  const labels = padIds(owner, said, { padding: -100, time }, 1);
  const given = rows.map((row) => [begin, ...Array.from(row)]);
  return { target: padIds(owner, given, { padding, time }), labels };
}

function checkId(owner: string, name: string, id: number): void {
  if (isI32(id)) return;
  throw new ArgumentError(`${owner}: ${name} = ${id}; an i32 is needed, as ids are`);
}

/**
 * [T, B] i32.
 *
 * @param endMarks ids at the end of each row that its giver did not write.
 */
function padIds(
  owner: string,
  rows: readonly ArrayLike<number>[],
  options: PadSequencesOptions,
  endMarks = 0,
): HostArray {
  const { padding } = options;
  checkId(owner, 'padding', padding);
  const time = commonTime(owner, rows, options, endMarks);
  const batch = rows.length;
  const data = new Int32Array(time * batch).fill(padding);
  for (const [b, row] of rows.entries()) {
    for (let t = 0; t < row.length; t++) {
      if (!isI32(row[t])) {
        throw new DataError(
          `${owner}: row ${b} holds ${row[t]} at position ${t}; an id is an integer`,
        );
      }
      data[t * batch + b] = row[t];
    }
  }
  return { shape: [time, batch], data };
}

/**
 * Rows of vectors, of different lengths, side by side as [T, B, D].
 *
 * @param rows B rows, at least one, of vectors of one size D.
 * @throws DataError naming the row that is too short or longer than `time`, whose vectors differ in size,
 *   or that holds NaN or an infinity.
 */
export function padVectors(
  rows: readonly (readonly ArrayLike<number>[])[],
  options: PadVectorsOptions = {},
): PaddedVectors {
  checkOptions('padVectors', options, PAD_OPTIONS);
  const time = commonTime('padVectors', rows, options);
  const batch = rows.length;
  const size = rows.find((row) => row.length > 0)?.[0].length ?? 0;
  const data = new Float32Array(time * batch * size).fill(options.padding ?? 0);
  for (const [b, row] of rows.entries()) {
    for (const [t, vector] of row.entries()) {
      if (vector.length !== size) {
        throw new DataError(
          `padVectors: row ${b} has ${vector.length} numbers at step ${t}, where the first vector ` +
            `has ${size}; all need one size`,
        );
      }
      for (let d = 0; d < size; d++) {
        if (!Number.isFinite(vector[d])) {
          throw new DataError(`padVectors: row ${b} holds ${vector[d]} at step ${t}; fill the gap`);
        }
        data[(t * batch + b) * size + d] = vector[d];
      }
    }
  }
  return { values: { shape: [time, batch, size], data }, ...padMask(rows, time) };
}

function padMask(rows: readonly ArrayLike<unknown>[], time: number): PadMask {
  const batch = rows.length;
  const lengths = Int32Array.from(rows, (row) => row.length);
  const mask = new Float32Array(time * batch);
  for (const [b, length] of lengths.entries()) {
    for (let t = 0; t < length; t++) mask[t * batch + b] = 1;
  }
  return {
    lengths: { shape: [batch], data: lengths },
    mask: { shape: [time, batch], data: mask },
  };
}

/** The steps that all rows are padded to, after a look at the length of each. */
function commonTime(
  owner: string,
  rows: readonly ArrayLike<unknown>[],
  { time, minLength = 1 }: PadOptions,
  endMarks = 0,
): number {
  requireSome(owner, 'rows', rows);
  for (const [name, value] of Object.entries({ time: time ?? 1, minLength })) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new ArgumentError(`${owner}: ${name} = ${value}; an integer from 0 is needed`);
    }
  }
  let longest = minLength;
  for (const [b, { length }] of rows.entries()) {
    if (length < minLength) {
      throw new DataError(
        `${owner}: row ${b} has ${length} steps of at least ${minLength}; leave it out`,
      );
    }
    if (length > (time ?? length)) {
      const ends = endMarks > 0 ? ` and an end mark, ${length} in all` : '';
      throw new DataError(
        `${owner}: row ${b} has ${length - endMarks} steps${ends}, more than time = ${time}; cut it, or leave it out`,
      );
    }
    longest = Math.max(longest, length);
  }
  return time ?? longest;
}
