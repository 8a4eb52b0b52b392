import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

import { exportTuning, importTuning } from '../autotune/tuning';
import { writeFileAtomic } from '../io/atomic_file';
import { makeFolders } from './folders';

/** Where what trials found on this machine's adapters waits for the next run. */
function place(): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  return join(XDG_CACHE_HOME || LOCALAPPDATA || join(homedir(), '.cache'), 'lethe', 'tuning.json');
}

/** Without a file, or with one that cannot be read, everything is tried anew. */
export async function loadTuning(): Promise<void> {
  try {
    importTuning(JSON.parse(await readFile(place(), 'utf8')));
  } catch {
    // It is a cache.
  }
}

/** Where it cannot be written, the next run tries again. */
export async function saveTuning(): Promise<void> {
  try {
    await makeFolders(dirname(place()));
    await writeFileAtomic(place(), new TextEncoder().encode(JSON.stringify(exportTuning())));
  } catch {
    // It is a cache.
  }
}
