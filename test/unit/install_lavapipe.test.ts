/** What scripts/install-lavapipe.sh does to the machine, by the commands that it calls. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

const SCRIPT = 'scripts/install-lavapipe.sh';

/** Programs in the place of Debian's, which write down how they are called. */
const STUBS = {
  'apt-get': `case "$*" in
  *indextargets*) (. /etc/os-release; echo "http://mirror|$VERSION_CODENAME|main") ;;
  *--download-only*)
    for option; do case $option in Dir::Cache=*) touch "\${option#*=}/archives/a.deb" ;; esac; done ;;
esac`,
  'apt-cache': 'echo "  Candidate: 22.3.6-1"',
  dpkg: 'exit 1',
  'dpkg-deb': `mkdir -p "$3/usr/lib/x-linux-gnu" "$3/usr/share/vulkan/icd.d"
touch "$3/usr/lib/x-linux-gnu/libvulkan_lvp.so"
echo '"library_path": "a"' >"$3/usr/share/vulkan/icd.d/lvp_icd.x.json"`,
};

// Debian's script: elsewhere there is nothing that it could do.
test.runIf(process.platform === 'linux')(
  'the backports are read into a folder of the script, and no package is installed',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'lethe-lavapipe-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const log = join(folder, 'log');
    for (const name of ['bin', 'scripts']) mkdirSync(join(folder, name));
    for (const [name, body] of Object.entries(STUBS)) {
      const program = `#!/bin/sh\necho "${name} $*" >>'${log}'\n${body}\n`;
      writeFileSync(join(folder, 'bin', name), program, { mode: 0o755 });
    }
    copyFileSync(SCRIPT, join(folder, SCRIPT));
    const PATH = [join(folder, 'bin'), process.env['PATH']].join(delimiter);
    execFileSync('bash', [join(folder, SCRIPT)], { env: { ...process.env, PATH } });

    const calls = readFileSync(log, 'utf8').trim().split('\n');
    const apt = calls.filter((call) => call.startsWith('apt-'));
    expect(apt.filter((call) => call.includes(' update '))).toHaveLength(2);
    for (const call of apt) {
      for (const place of ['Dir::State', 'Dir::Cache', 'Dir::Etc::SourceList']) {
        expect(call).toMatch(new RegExp(`-o ${place}=${tmpdir()}/`));
      }
      if (call.includes(' install ')) expect(call).toContain(' --download-only ');
    }
    const driver = readFileSync(join(folder, '.cache/lavapipe/lvp_icd.json'), 'utf8');
    expect(driver).toContain(join(folder, '.cache/lavapipe/lib/libvulkan_lvp.so'));
  },
);
