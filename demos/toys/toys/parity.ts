import { below } from './toy';
import type { Toy } from './toy';

export const LENGTH = 16;
export const LONGER = 48;

/** Parity: is the number of ones so far odd? One bit to remember, and a flip with each one that is read. */
export const parity: Toy = {
  name: 'parity',
  features: 1,
  answer: { classes: 2 },
  unit: 'answer',
  time: LENGTH,
  training: { steps: 1000, lr: 5e-3, hidden: 16 },
  draw: (random) => bits(LENGTH, random),
  test: { time: LONGER, draw: (random) => bits(LONGER, random) },
};

function bits(length: number, random: Parameters<Toy['draw']>[0]): ReturnType<Toy['draw']> {
  let odd = 0;
  const read = Array.from({ length }, () => below(2, random));
  return { inputs: read.map((bit) => [bit]), targets: read.map((bit) => (odd ^= bit)) };
}
