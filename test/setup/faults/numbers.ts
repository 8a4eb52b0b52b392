import type { Fault } from './fault';

export const NUMBERS: readonly Fault[] = [
  {
    fault: 'pre-activations of 1e3 and 1e30',
    happens: 'They saturate, on every device; gradients are finite.',
    tests: [
      [
        'unit/nn.test.ts',
        'pre-activations of 1e3 and 1e30 saturate; outputs and gradients stay finite',
      ],
      ['device/kernels/numerics.test.ts', '%s saturates'],
      ['device/scan.test.ts', 'the gates saturate, and their gradients are finite'],
    ],
  },
  {
    fault: 'NaN or infinity in a weight',
    happens: 'Found by its bits at the next report; training stops with the name of the parameter.',
    tests: [['device/training.test.ts', 'a weight of %d is found and named']],
  },
  {
    fault: 'NaN in a batch',
    happens: 'Named with its place.',
    tests: [['unit/trainer.test.ts', 'NaN in a batch is named, with its place']],
  },
  {
    fault: 'a gradient that is not finite',
    happens: 'The step is skipped and counted.',
    tests: [
      [
        'device/training.test.ts',
        'a step with a gradient that is not finite is skipped and counted',
      ],
      [
        'device/kernels/numerics.test.ts',
        'a sum of squares that overflows is infinite, not clipped to nothing',
      ],
    ],
  },
  {
    fault: 'the same seed twice',
    happens: 'The same run, on the CPU bit for bit.',
    tests: [
      ['unit/train.test.ts', 'the same seed gives the same run, another seed another'],
      ['unit/train.test.ts', '20 steps, a checkpoint, and 20 more are 40 steps, bit for bit'],
    ],
  },
  {
    fault: '`backward` twice',
    happens: '`GraphError` that names the way out.',
    tests: [['unit/autograd.test.ts', 'a second one is a GraphError that names the way out']],
  },
  {
    fault: 'use after `dispose`',
    happens: '`DisposedError` that tells the shape.',
    tests: [['unit/autograd.test.ts', 'use afterwards is a DisposedError that tells the shape']],
  },
  {
    fault: 'a state carried from window to window',
    happens: 'Memory is the same after 10 steps and 200.',
    tests: [
      ['unit/train.test.ts', 'live bytes are the same after steps 10 and 200'],
      ['device/training.test.ts', 'live bytes are the same after steps 10 and 60'],
    ],
  },
  {
    fault: 'any program of operations',
    happens:
      'The same values and gradients in f64, by plain loops, by SIMD and on WebGPU, directly and replayed; gradients are those of differences; what is refused in one place is so in all.',
    tests: [
      [
        'unit/fuzz.test.ts',
        '60 random programs compute the same by f64, plain loops and SIMD, and have the gradient of differences',
      ],
      [
        'device/fuzz.test.ts',
        '25 random programs compute on WebGPU, directly and replayed, what the CPU does in f64',
      ],
    ],
  },
];
