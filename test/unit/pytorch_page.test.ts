/** docs/pytorch.md is what the code says of itself; `npm run build:pytorch` writes it. */
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { pytorchPage } from '../setup/pytorch/page';

test('docs/pytorch.md', async () => {
  const path = fileURLToPath(new URL('../../docs/pytorch.md', import.meta.url));
  await expect(await pytorchPage()).toMatchFileSnapshot(path);
});
