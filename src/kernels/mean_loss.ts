import { defineKernel, include, read, write } from '../backend/kernel';

/** mean = the sum of the losses over the sum of the weights; share = 1 over that sum; both 0 where it is 0. */
export const meanLoss = defineKernel({
  name: 'mean_loss',
  source: include('mean_loss', 'lib/row'),
  bindings: { loss: read, weight: read, mean: write, share: write },
  params: { n: 'u32' },
  cpu({ loss, weight, mean, share }, { n }) {
    let total = 0;
    let count = 0;
    for (let i = 0; i < n; i++) {
      total += loss[i];
      count += weight[i];
    }
    mean[0] = count === 0 ? 0 : total / count;
    share[0] = count === 0 ? 0 : 1 / count;
  },
  launch: () => [{ workgroups: [1, 1, 1] }],
});
