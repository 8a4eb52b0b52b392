import { randomBytes } from 'node:crypto';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CheckpointError } from '../errors';
import { messageOf } from './reason';

const TEMPORARY = /^\.lethe-(\d+)-[0-9a-f]{16}\.tmp$/;

/**
 * Replaces a file in one step (Node only). At every moment, and after a crash or a power cut,
 * `path` holds either its previous content or all of `bytes`; when the promise resolves it is
 * `bytes`, on disk. A symbolic link at `path` is replaced, not followed.
 *
 * @param path Its directory must exist and be writable.
 * @param bytes Must not change until the promise settles.
 * @throws CheckpointError when the system refuses (no space, quota, no such directory); its
 *   `cause` is the system error.
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array): Promise<void> {
  const directory = dirname(path);
  // In the same directory, because a rename is atomic only within one file system.
  const temporary = join(directory, `.lethe-${process.pid}-${randomBytes(8).toString('hex')}.tmp`);
  try {
    await writeDurably(temporary, bytes);
    await rename(temporary, path);
    await syncDirectory(directory);
  } catch (cause) {
    // The first error is the one to report, so a failed clean-up stays silent.
    await rm(temporary, { force: true }).catch(() => undefined);
    if (codeOf(cause) === 'ENOENT') {
      throw new CheckpointError(
        `cannot write ${path}: there is no folder ${directory}; make it, or choose another path`,
        { cause },
      );
    }
    throw new CheckpointError(
      `cannot write ${bytes.length} bytes to ${path}: ${messageOf(cause)}; ` +
        'no partial file is left there, so free space or choose another path and save again',
      { cause },
    );
  }
}

/**
 * Deletes what writers that were killed inside {@link writeFileAtomic} left behind (Node only).
 * Files of running processes stay, this one's included. Process ids are looked up on this machine,
 * so call it only where no other machine or container writes to the directory.
 *
 * @returns The names of the deleted files; none when the directory does not exist.
 * @throws CheckpointError when the directory cannot be read or a leftover cannot be deleted.
 */
export async function removeStaleTemporaries(directory: string): Promise<string[]> {
  try {
    const stale = (await readdir(directory)).filter(isStale);
    await Promise.all(stale.map((name) => rm(join(directory, name), { force: true })));
    return stale;
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return [];
    throw new CheckpointError(
      `cannot remove stale temporary files from ${directory}: ${messageOf(cause)}`,
      { cause },
    );
  }
}

async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    // Before the rename: a power cut could otherwise keep the new name and lose the content.
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a rename survive a power cut. Windows cannot open a directory and journals renames. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function isStale(name: string): boolean {
  const pid = TEMPORARY.exec(name)?.[1];
  return pid !== undefined && !isRunning(Number(pid));
}

/** Signal 0 only asks whether the process exists; EPERM means that it does, under another user. */
function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
