import type { Fault } from './fault';

export const FILES: readonly Fault[] = [
  {
    fault: 'killed in the middle of a write',
    happens: 'The file before is whole; what the writer left is cleared at the next start.',
    tests: [
      ['unit/atomic_file.test.ts', 'killed with %f of the file written: the old file stays'],
      [
        'e2e/cli.test.ts',
        'a kill at any moment leaves a whole checkpoint, and its litter is cleared',
      ],
      ['e2e/runs.test.ts', 'a killed run goes on to the end that it had'],
    ],
  },
  {
    fault: 'disk full',
    happens: '`CheckpointError`; the file before is whole, and no part of the new one is left.',
    tests: [
      [
        'unit/atomic_file.test.ts',
        'quota exceeded: the old file stays, and the part written is removed',
      ],
    ],
  },
  {
    fault: 'two writers of one file',
    happens: 'One wins whole.',
    tests: [['unit/atomic_file.test.ts', 'of two writers at once, one wins whole']],
  },
  {
    fault: 'a header of 2^63 bytes, or past the end',
    happens: '`CheckpointError` before anything is allocated.',
    tests: [
      ['unit/safetensors.test.ts', 'header 2^63'],
      ['unit/safetensors.test.ts', 'header past the end'],
    ],
  },
  {
    fault: 'cut off anywhere',
    happens: '`CheckpointError`.',
    tests: [['unit/safetensors.test.ts', 'every prefix is refused']],
  },
  {
    fault: 'shapes whose product passes 2^53',
    happens: '`CheckpointError`; products are checked step by step.',
    tests: [
      ['unit/safetensors.test.ts', 'product over 2^53'],
      ['unit/safetensors.test.ts', 'wrap to 0'],
    ],
  },
  {
    fault: 'data that overlap, leave a hole, or run backwards',
    happens: '`CheckpointError`: each byte belongs to exactly one tensor.',
    tests: [
      ['unit/safetensors.test.ts', 'overlap'],
      ['unit/safetensors.test.ts', 'hole'],
      ['unit/safetensors.test.ts', 'reversed'],
    ],
  },
  {
    fault: 'keys twice',
    happens: '`CheckpointError`, which names the key.',
    tests: [
      ['unit/safetensors.test.ts', 'duplicate'],
      ['unit/safetensors.test.ts', 'duplicate __proto__'],
    ],
  },
  {
    fault: 'a tensor called `__proto__`',
    happens: 'Read as any other; no prototype is touched.',
    tests: [
      [
        'unit/safetensors.test.ts',
        'a tensor and a metadata key called __proto__ touch no prototype',
      ],
    ],
  },
  {
    fault: 'a checkpoint whose settings, place or tensors do not fit',
    happens: '`CheckpointError`, and nothing is changed.',
    tests: [
      [
        'unit/train.test.ts',
        'with settings out of range, or a place outside the text, are refused',
      ],
      ['unit/train.test.ts', 'that lack a tensor, or have one of another shape, are refused'],
    ],
  },
  {
    fault: 'any change of bytes, header or what a checkpoint says of itself',
    happens: 'Refused by an error of Lethe, or read as its bytes say; nothing is left behind.',
    tests: [
      [
        'unit/fuzz.test.ts',
        '300 changed files are refused by an error of Lethe, or give what their bytes say',
      ],
    ],
  },
];
