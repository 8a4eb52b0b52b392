import type { Fault } from './fault';

export const INPUTS: readonly Fault[] = [
  {
    fault: 'a recurrent input of 1 or 4 dimensions, or of another width',
    happens: '`ShapeError` before any kernel runs.',
    tests: [['unit/nn.test.ts', 'x of shape %#']],
  },
  {
    fault: 'a state of other layers or directions',
    happens: '`ShapeError` that tells the shape that is needed.',
    tests: [
      ['unit/recurrent_options.test.ts', 'a state of one direction'],
      ['unit/recurrent_options.test.ts', 'a state of two directions'],
    ],
  },
  {
    fault: 'a state or an input on another device, or disposed',
    happens: '`DeviceError`, `DisposedError`.',
    tests: [
      ['unit/nn.test.ts', 'x on another device, or of another type'],
      ['unit/nn.test.ts', 'a disposed state, or x'],
    ],
  },
  {
    fault: 'a sequence of no steps in a batch',
    happens: 'Its output is 0, its state stays.',
    tests: [
      [
        'unit/recurrent_options.test.ts',
        'each sequence is what it is by itself; one of no step keeps its state',
      ],
    ],
  },
  {
    fault: 'lengths that are negative, or beyond the input',
    happens:
      '`ArgumentError` or `IndexError` with the position; in a recorded step at every replay.',
    tests: [
      ['unit/recurrent_options.test.ts', 'beyond x'],
      ['unit/recurrent_options.test.ts', 'negative'],
      ['unit/lengths.test.ts', 'lengths that are out of range are refused before a replay'],
    ],
  },
  {
    fault: 'lengths in any order, NaN in the padding',
    happens: 'Each sequence is as by itself.',
    tests: [
      [
        'unit/recurrent_options.test.ts',
        'padding changes no value and gets no gradient, though it holds NaN',
      ],
    ],
  },
  {
    fault: 'no steps at all, an empty batch',
    happens: 'Empty output; the state is given back.',
    tests: [
      ['unit/nn.test.ts', 'of no steps, batchFirst %s, gives the state back'],
      ['unit/nn.test.ts', 'an empty batch'],
    ],
  },
  {
    fault: 'a projection as wide as the layer',
    happens: '`ArgumentError`.',
    tests: [['unit/recurrent_options.test.ts', 'projSize = hiddenSize']],
  },
  {
    fault: 'dropout outside [0, 1]',
    happens: '`ArgumentError`.',
    tests: [
      ['unit/nn.test.ts', 'sizes, layers and probabilities out of range'],
      ['unit/errors.test.ts', 'dropout with p above 1'],
    ],
  },
  {
    fault: 'an id outside its table',
    happens:
      '`IndexError` with its position, in a recorded step at every replay; never another row.',
    tests: [
      ['unit/errors.test.ts', 'embedding of an id above'],
      ['unit/errors.test.ts', 'embedding of an id below'],
      [
        'device/record.test.ts',
        'inputs of another shape, dtype or number, and ids out of range, are refused',
      ],
      ['device/kernels/numerics.test.ts', 'an id outside the table gathers 0'],
    ],
  },
  {
    fault: 'a character that the model does not know',
    happens: '`TextError` that names it and its place; or it is skipped or replaced, as asked.',
    tests: [
      ['unit/text.test.ts', 'an unknown character is named with its place'],
      ['unit/text.test.ts', 'unknown characters are skipped or replaced on request'],
    ],
  },
  {
    fault: 'no text, or one shorter than a window',
    happens: '`TextError`, with the largest batch and window that fit.',
    tests: [
      ['unit/text.test.ts', 'an empty text has no vocabulary'],
      ['unit/text.test.ts', 'a short text names the largest batch and seq, and they fit'],
    ],
  },
  {
    fault: 'lone surrogates, byte order marks, CRLF, emoji of several code points',
    happens: 'They come back as they went in.',
    tests: [
      ['unit/text.test.ts', 'round trip: any string'],
      ['unit/text.test.ts', 'keeps CRLF, emoji and a BOM inside'],
      ['unit/encoded.test.ts', 'lone surrogates of a string are characters'],
    ],
  },
];
