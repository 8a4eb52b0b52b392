/** The worker of docs/ctc.md, as it stands there. */
import { expect, test } from 'vitest';

import { read } from '../../docs/examples/ctc_reader';
import { ctcBeamSearch } from '../../src/ctc/index';
import { framesOf, waves } from '../setup/ctc';

test('reads what the page would, and tells what is wrong', async () => {
  const [long, short] = [waves(300, 20), waves(6, 4)];
  const found = await Promise.all([read(long), read(short)]);
  expect(found).toEqual([long, short].map((frames) => ctcBeamSearch(frames, { nBest: 3 })));
  await expect(read(framesOf([[0, NaN]]))).rejects.toThrow(/frame 0 has NaN for class 1/);
  expect(await read(short)).toEqual(found[1]);
});
