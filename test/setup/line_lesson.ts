/** An example that is learnt in a moment, and its lesson. */
import { add, mul, sum, tensor } from 'lethe';
import type { Tensor } from 'lethe';
import { fixedBatches } from 'lethe/data';
import { Linear } from 'lethe/nn';
import { SGD } from 'lethe/optim';
import { batchTensors } from 'lethe/train';

import type { Lesson } from '../../demos/learn/lesson';
import type { Example } from '../../demos/tasks/example';

interface Point {
  x: number;
  y: number;
}

const POINTS: readonly Point[] = Array.from({ length: 8 }, (_, i) => ({ x: i / 8, y: i / 4 + 1 }));

const collate = (points: readonly Point[]) => ({
  x: { shape: [points.length, 1], data: Float32Array.from(points, ({ x }) => x) },
  y: { shape: [points.length, 1], data: Float32Array.from(points, ({ y }) => y) },
});

function squares(model: Linear, { x, y }: Readonly<Record<string, Tensor>>): Tensor {
  const off = add(model.forward(x), mul(y, -1));
  return sum(mul(off, off));
}

/** The sum of the squared errors of a line. */
export async function measure(model: Linear): Promise<{ error: number }> {
  const loss = squares(model, batchTensors(model.weight.device, collate(POINTS)));
  return { error: await loss.item() };
}

/** y = 2 x + 1, which a line learns. */
export const line: Example<readonly Point[], object, Linear> = {
  name: 'line',
  title: 'A line through points',
  data: 'Eight points.',
  load: async () => POINTS,
  baseline: () => ({ name: 'a flat line', metrics: { error: 1 } }),
  meta: () => ({}),
  model: (device, _meta, { random }) => new Linear(device, 1, 1, { random }),
  task: (model, data, _meta, { seed }) => ({
    model,
    batches: fixedBatches(data, { batchSize: 2, seed, collate }),
    loss: (batch) => squares(model, batch),
    evaluate: () => measure(model),
  }),
  test: measure,
  training: {
    epochs: 40,
    optimizer: (model) => new SGD(model, { lr: 0.1 }),
    monitor: 'error',
    mode: 'min',
  },
};

export const lesson: Lesson<unknown, number, number, Linear> = {
  example: () => line,
  evaluations: 10,
  async answer(model, _meta, x) {
    if (model.training) throw new Error('the model is in training mode');
    if (Number.isNaN(x)) throw new Error('x is no number');
    return model.forward(tensor(model.weight.device, [x], [1, 1])).item();
  },
};

/** A line whose figure is as told, evaluation by evaluation, and what it truly came to at each. */
export function figuresOf(figures: readonly number[]) {
  const measured: number[] = [];
  const told: typeof line = {
    ...line,
    task: (...given) => ({
      ...line.task(...given),
      evaluate: async () => {
        measured.push((await measure(given[0])).error);
        return { error: figures[measured.length - 1] };
      },
    }),
  };
  return { measured, lesson: { ...lesson, example: () => told } };
}
