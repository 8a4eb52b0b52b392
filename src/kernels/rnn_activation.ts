import activation from '../../shaders/lib/activation.wgsl?raw';
import index from '../../shaders/lib/index.wgsl?raw';
import source from '../../shaders/rnn_activation.wgsl?raw';
import gradientSource from '../../shaders/rnn_activation_gradient.wgsl?raw';
import { defineKernel, elementwise, read, wgsl, write } from '../backend/kernel';
import { UNARY } from './unary';

/** The vanilla cell's choices of f, by their codes in the shaders. */
export const NONLINEARITIES = ['tanh', 'relu', 'sigmoid'] as const;
export type Nonlinearity = (typeof NONLINEARITIES)[number];

/** h = f(gx + gh). */
export const rnnActivation = defineKernel({
  name: 'rnn_activation',
  source: wgsl(source, activation, index),
  bindings: { gx: read, gh: read, h: write },
  params: { nonlinearity: 'override', n: 'u32' },
  cpu({ gx, gh, h }, { nonlinearity, n }) {
    const { f } = UNARY[NONLINEARITIES[nonlinearity]];
    for (let i = 0; i < n; i++) h[i] = f(gx[i] + gh[i]);
  },
  launch: ({ n }) => elementwise(n),
});

/** dz = dh f'(z), where h = f(z) tells f'. */
export const rnnActivationGradient = defineKernel({
  name: 'rnn_activation_gradient',
  source: wgsl(gradientSource, index),
  bindings: { h: read, dh: read, dz: write },
  params: { nonlinearity: 'override', n: 'u32' },
  cpu({ h, dh, dz }, { nonlinearity, n }) {
    const { df } = UNARY[NONLINEARITIES[nonlinearity]];
    for (let i = 0; i < n; i++) dz[i] = dh[i] * df(h[i], h[i]);
  },
  launch: ({ n }) => elementwise(n),
});
