import type { Fault } from './fault';

export const GPU: readonly Fault[] = [
  {
    fault: 'lost in the middle of a step',
    happens:
      'All that waits rejects with `DeviceLostError`, and so does every later call. A run goes on from its checkpoint on another device with the same losses; the studio does so by itself.',
    tests: [
      [
        'device/lost.test.ts',
        'a device that is lost in the middle of a step: all that waits is rejected, and the run goes on elsewhere with the same losses',
      ],
      ['e2e/keep.test.ts', 'a crashed GPU process does not end the run'],
    ],
  },
  {
    fault: 'destroyed by the program',
    happens:
      'What waits rejects, `lost` settles, other devices are left alone; nothing opens another one.',
    tests: [
      ['device/backend.test.ts', 'rejects what waits'],
      ['device/backend.test.ts', 'settles `lost`, may be repeated, and leaves other devices alone'],
      ['device/compile.test.ts', 'the end of the device rejects what waits'],
    ],
  },
  {
    fault: 'out of memory',
    happens:
      '`OutOfMemoryError` says to use a smaller batch, sequence or layer. What was made before is freed, and a smaller batch trains.',
    tests: [
      [
        'device/lost.test.ts',
        'memory that ends in the middle: an error that says what to do, nothing kept, and a smaller batch trains',
      ],
      ['unit/too_large.test.ts', 'layers that were made before memory ended are freed'],
    ],
  },
  {
    fault: 'a buffer over the limits',
    happens:
      'Refused before anything is allocated, with its bytes, the most that there may be, and what to do.',
    tests: [
      ['device/backend.test.ts', 'that are too large are refused, with sizes'],
      [
        'unit/recurrent.test.ts',
        'a sequence too large for one buffer is refused, with the batch that fits',
      ],
    ],
  },
  {
    fault: 'more than 65,535 workgroups',
    happens: 'They are folded to two dimensions.',
    tests: [
      ['device/kernels/kernels.test.ts', '%s, its workgroups folded to two dimensions'],
      ['device/kernels/kernels.test.ts', 'elements past 65,535 workgroups are reached'],
    ],
  },
  {
    fault: 'a shader that is refused',
    happens: '`ShaderError` with shader, line and source; every later call throws it.',
    tests: [
      ['device/compile.test.ts', 'is reported by %s'],
      ['device/compile.test.ts', 'by broken WGSL, is told of by %s'],
    ],
  },
  {
    fault: 'a command that is refused',
    happens:
      'Thrown by what waits, and by every later call: the rest of its batch is lost with it.',
    tests: [
      [
        'device/backend.test.ts',
        'is thrown by finish and by every call from then on: nothing since can be trusted',
      ],
    ],
  },
  {
    fault: 'no adapter',
    happens: '`auto` takes the CPU and says why; `webgpu` throws `DeviceError`.',
    tests: [
      ['e2e/page.test.ts', 'says that WebGPU is missing, and trains on the CPU'],
      ['e2e/cli.test.ts', 'webgpu without a driver'],
    ],
  },
  {
    fault: 'buffers of no elements, writes of part of one',
    happens: 'Padded inside.',
    tests: [
      ['device/backend.test.ts', 'may be empty'],
      ['device/backend.test.ts', 'a write covers the first elements alone'],
    ],
  },
  {
    fault: 'a sequence so long that a watchdog would end it',
    happens: 'Cut into dispatches.',
    tests: [
      [
        'unit/scan_config.test.ts',
        'a long sequence is cut into dispatches, each far from a watchdog',
      ],
    ],
  },
];
