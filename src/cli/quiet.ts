import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isatty } from 'node:tty';

import { findGpu } from '../backend/webgpu/adapter';

const STDERR = 2;

/** What Dawn says of its own limits, whatever the adapter: nothing that anyone could act on. */
const OWN_LIMITS =
  /^Warning: maxDynamic\w+BuffersPerPipelineLayout artificially reduced from .*\n/gm;

/**
 * Has Dawn look for adapters, which it does once, without its words on its own limits: they come
 * straight from native code, before anything that a command has to say.
 */
export async function discoverAdapters(): Promise<void> {
  const found = await findGpu();
  if ('gpu' in found) await withStderrHeld(() => found.gpu.requestAdapter());
}

/**
 * Calls `call`, and keeps what native code writes to standard error until it returns, not until its
 * promise settles: no other code runs meanwhile. Only a terminal on Linux is held, as its processes can
 * open that anew.
 */
function withStderrHeld<T>(call: () => T): T {
  const isNode = !('Deno' in globalThis) && !('Bun' in globalThis);
  const held = process.platform === 'linux' && isNode && isatty(STDERR) ? placeToHold() : undefined;
  if (!held) return call();
  const { terminal, folder, file } = held;
  try {
    closeSync(STDERR);
    try {
      // An open takes the lowest number that is free.
      openSync(file, 'w');
      return call();
    } finally {
      closeSync(STDERR);
      openTerminal(terminal);
      process.stderr.write(readFileSync(file, 'utf8').replace(OWN_LIMITS, ''));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * The terminal, and a file in a folder of its own. None where the terminal is another user's, as with sudo
 * and su, and none where no temporary file can be made: then nothing is held.
 */
function placeToHold(): { terminal: string; folder: string; file: string } | undefined {
  let folder: string | undefined;
  try {
    const terminal = readlinkSync(`/proc/self/fd/${STDERR}`);
    closeSync(openTerminal(terminal));
    folder = mkdtempSync(join(tmpdir(), 'lethe-'));
    const file = join(folder, 'stderr');
    closeSync(openSync(file, 'w'));
    return { terminal, folder, file };
  } catch {
    if (folder) rmSync(folder, { recursive: true });
    return undefined;
  }
}

function openTerminal(path: string): number {
  return openSync(path, constants.O_WRONLY | constants.O_NOCTTY);
}
