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
 * promise settles: no other code runs meanwhile. Only a terminal on Linux is held, as any process can
 * open that anew.
 */
function withStderrHeld<T>(call: () => T): T {
  const isNode = !('Deno' in globalThis) && !('Bun' in globalThis);
  if (process.platform !== 'linux' || !isNode || !isatty(STDERR)) return call();
  const folder = mkdtempSync(join(tmpdir(), 'lethe-'));
  const file = join(folder, 'stderr');
  const openTerminal = (path: string): number =>
    openSync(path, constants.O_WRONLY | constants.O_NOCTTY);
  try {
    const path = readlinkSync(`/proc/self/fd/${STDERR}`);
    // It may be another user's: then nothing is held.
    closeSync(openTerminal(path));
    closeSync(STDERR);
    try {
      // An open takes the lowest number that is free.
      openSync(file, 'w');
      return call();
    } finally {
      closeSync(STDERR);
      openTerminal(path);
      process.stderr.write(readFileSync(file, 'utf8').replace(OWN_LIMITS, ''));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
