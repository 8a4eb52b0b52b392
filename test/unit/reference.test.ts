/** Every export of the package and every property has a docstring, and the reference that TypeDoc makes of them is whole. */
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { referenceComplaints } from '../../scripts/site/reference.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));

test('nothing is without a docstring, no link of one leads nowhere', async () => {
  expect(await referenceComplaints(root)).toEqual([]);
});

test('one that is not would be found', async () => {
  const files = ['src/kernels/binary.ts', 'src/kernels/webgpu/scan_source.ts'];
  const found = await referenceComplaints(root, files);
  expect(found.join('\n')).toMatch(/^PlainKernel, defined in .* is referenced by/m);
  expect(found.join('\n')).toMatch(/ does not have any documentation$/m);
  expect(found.join('\n')).toMatch(/ names shaders\/lib\/scan\.wgsl, which is no link$/m);
  expect(found).toContainEqual(expect.stringMatching(/tileSource\.__type\.enable does not have/));
  const epochs = await referenceComplaints(root, ['src/data/epochs.ts']);
  expect(epochs).toContain('EpochOptions.seed does not have any documentation');
});
