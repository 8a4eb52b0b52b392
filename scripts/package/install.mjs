import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { complaints, run } from './complaints.mjs';

/** @typedef {{ version: string, exports: Record<string, unknown>, dependencies: object }} Manifest */

export const root = fileURLToPath(new URL('../..', import.meta.url));

export const manifest = /** @type {Manifest} */ (
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
);

/** The names that users import. */
export const entries = Object.keys(manifest.exports)
  .filter((path) => !path.endsWith('.json'))
  .map((path) => path.replace('.', 'lethe'));

/**
 * Packs the package, and makes a project that has it installed: test/consumers/app.
 *
 * @param {string} folder empty
 * @returns the tarball, and the folder of the installed package
 */
export function install(folder) {
  run('npm pack', 'npm', ['pack', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error(`npm pack made no tarball\n${complaints.join('\n')}`);

  const installed = join(folder, 'node_modules/lethe');
  mkdirSync(installed, { recursive: true });
  const args = ['-xzf', tarball, '-C', 'node_modules/lethe', '--strip-components=1'];
  run('tar', 'tar', args, { cwd: folder });
  // What a user in Node has beside it.
  for (const name of [...Object.keys(manifest.dependencies), 'webgpu']) {
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), 'junction');
  }
  cpSync(join(root, 'test/consumers/app'), folder, { recursive: true });
  const project = {
    type: 'module',
    // Parcel looks at the exports of packages when it is asked to.
    '@parcel/resolver-default': { packageExports: true },
    // What page and worker share stays in both: of a bundle of its own Parcel 2.16 leaves out the modules.
    '@parcel/bundler-default': { minBundleSize: 1_000_000 },
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(project));
  // By which Parcel knows where a project begins.
  writeFileSync(join(folder, 'package-lock.json'), '{}');
  return { tarball: join(folder, tarball), installed };
}
