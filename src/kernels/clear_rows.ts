import { defineKernel, elementwise, include, readIds, update } from '../backend/kernel';

/** x[r, i] = 0 for all rows r from begins[at] on; x of [rows, width]. */
export const clearRows = defineKernel({
  name: 'clear_rows',
  source: include('clear_rows', 'lib/index'),
  bindings: { begins: readIds, x: update },
  params: { rows: 'u32', width: 'u32', at: 'u32' },
  cpu({ begins, x }, { rows, width, at }) {
    for (let i = begins[at] * width; i < rows * width; i++) x[i] = 0;
  },
  fastCpu({ begins, x }, { rows, width, at }) {
    x.fill(0, begins[at] * width, rows * width);
    return true;
  },
  launch: ({ rows, width }) => elementwise(rows * width),
});
