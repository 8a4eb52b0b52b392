/** What the suite does to the machine that it runs on. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const programs = ['scripts', '.ci', 'bench'].flatMap((folder) =>
  readdirSync(join(root, folder), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => join(folder, name)),
);

test.each(programs)('%s writes nothing to the configuration of the system', (program) => {
  const text = readFileSync(join(root, program), 'utf8');
  // A redirection, or the target of a command that writes files.
  expect(text).not.toMatch(/(>|\btee\b.*)\s*["']?\/etc\//);
  expect(text).not.toMatch(/\b(cp|mv|ln|install|dpkg-deb)\b.*\s["']?\/etc\/\S*$/m);
  expect(text).not.toMatch(/add-apt-repository/);
});
