/**
 * Writes the PyTorch reference values of the tests, with the first Python that has PyTorch:
 * `$PYTHON`, `python3` on the PATH, or the system's own (Debian's package python3-torch).
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const PROGRAMS = ['make_fixtures.py', 'make_recurrent_fixtures.py'];
const pythons = [process.env['PYTHON'] ?? 'python3', 'python3', '/usr/bin/python3'];
const python = pythons.find(
  (name) => spawnSync(name, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0,
);

if (python === undefined) {
  console.error(`no PyTorch in ${pythons.join(', ')}; on Debian: apt-get install python3-torch`);
  process.exit(1);
}
for (const program of PROGRAMS) {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const { status } = spawnSync(python, [path], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
