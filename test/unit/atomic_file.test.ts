import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as tick } from 'node:timers/promises';
import { build } from 'vite';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { CheckpointError } from '../../src/errors';
import { removeStaleTemporaries, writeFileAtomic } from '../../src/io/atomic_file';

const MEBIBYTE = 2 ** 20;
const OLD = Buffer.from('the previous checkpoint');

let root: string;
let directory: string;
let target: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'lethe-atomic-'));
  // The real module as JavaScript, for child processes that can be killed.
  await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: join(import.meta.dirname, '../../src/io/atomic_file.ts'),
      outDir: root,
      emptyOutDir: false,
      rolldownOptions: { output: { entryFileNames: 'atomic_file.mjs' } },
    },
  });
});

afterAll(() => rm(root, { recursive: true, force: true }));

beforeEach(async () => {
  directory = await mkdtemp(join(root, 'case-'));
  target = join(directory, 'model.safetensors');
});

/** Starts a process that writes `size` bytes to the target with the built module. */
function spawnWriter(size: number, { limitBlocks = 'unlimited' } = {}): ChildProcess {
  const script = `
    import { writeFileAtomic } from ${JSON.stringify(join(root, 'atomic_file.mjs'))};
    process.on('SIGXFSZ', () => {}); // A write over the limit then fails with EFBIG.
    await writeFileAtomic(${JSON.stringify(target)}, new Uint8Array(${size}).fill(7)).catch(
      (error) => { console.error(error.name, error.message); process.exit(3); },
    );`;
  return spawn(
    'sh',
    [
      '-c',
      `ulimit -f ${limitBlocks}; exec "$0" --input-type=module -e "$1"`,
      process.execPath,
      script,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
}

const temporaries = async (): Promise<string[]> =>
  (await readdir(directory)).filter((name) => name.endsWith('.tmp'));

/** The size of the writer's temporary file, or -1 while there is none. */
async function written(): Promise<number> {
  const [name] = await temporaries();
  if (name === undefined) return -1;
  const found = await stat(join(directory, name)).catch(() => undefined);
  return found?.size ?? -1;
}

test('writes a new file and replaces an old one', async () => {
  await writeFileAtomic(target, Uint8Array.of(1, 2, 3));
  expect([...(await readFile(target))]).toEqual([1, 2, 3]);
  await writeFileAtomic(target, new Uint8Array(0));
  expect((await readFile(target)).length).toBe(0);
  expect(await readdir(directory)).toEqual(['model.safetensors']);
});

test('writes only the view, not the buffer behind it', async () => {
  await writeFileAtomic(target, Uint8Array.of(1, 2, 3, 4, 5).subarray(1, 3));
  expect([...(await readFile(target))]).toEqual([2, 3]);
});

test('takes a name as long as the file system allows', async () => {
  const longest = join(directory, 'n'.repeat(255));
  await writeFileAtomic(longest, OLD);
  expect(await readFile(longest)).toEqual(OLD);
});

test('replaces a symbolic link, and leaves its target alone', async () => {
  const elsewhere = join(directory, 'elsewhere');
  await writeFile(elsewhere, OLD);
  await symlink(elsewhere, target);
  await writeFileAtomic(target, Uint8Array.of(1));
  expect(await readFile(elsewhere)).toEqual(OLD);
  expect([...(await readFile(target))]).toEqual([1]);
});

test('of two writers at once, one wins whole', async () => {
  const contents = [1, 2, 3, 4].map((value) => new Uint8Array(MEBIBYTE).fill(value));
  await Promise.all(contents.map((bytes) => writeFileAtomic(target, bytes)));
  const result = await readFile(target);
  expect(contents.some((bytes) => result.equals(bytes))).toBe(true);
  expect(await temporaries()).toEqual([]);
});

test('a reader always finds one whole file', async () => {
  await writeFile(target, OLD);
  let writing = true;
  const writer = (async () => {
    for (let value = 0; value < 60; value++) {
      await writeFileAtomic(target, new Uint8Array(MEBIBYTE / 4).fill(value));
    }
  })().finally(() => (writing = false));
  while (writing) {
    // Synchronous, so that the file is opened and read between two steps of the writer.
    const found = readFileSync(target);
    expect(found.equals(OLD) || found.equals(Buffer.alloc(MEBIBYTE / 4, found[0]))).toBe(true);
    await tick();
  }
  await writer;
});

test('a refused rename leaves no temporary file', async () => {
  await mkdir(join(target, 'full'), { recursive: true });
  const error = await writeFileAtomic(target, OLD).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(CheckpointError);
  expect((error as CheckpointError).message).toContain(target);
  expect((error as CheckpointError).cause).toBeInstanceOf(Error);
  expect(await temporaries()).toEqual([]);
});

test('a missing directory is named', async () => {
  const missing = join(directory, 'missing', 'model');
  await expect(writeFileAtomic(missing, OLD)).rejects.toThrow(CheckpointError);
  await expect(writeFileAtomic(missing, OLD)).rejects.toThrow(missing);
});

test('quota exceeded: the old file stays, and the part written is removed', async () => {
  await writeFile(target, OLD);
  // 512-byte blocks: 2 MiB of the 8 fit.
  const child = spawnWriter(8 * MEBIBYTE, { limitBlocks: '4096' });
  const report: Buffer[] = [];
  child.stderr!.on('data', (chunk: Buffer) => report.push(chunk));
  expect((await once(child, 'close'))[0]).toBe(3);
  expect(Buffer.concat(report).toString()).toMatch(/CheckpointError.*EFBIG/);
  expect(await readFile(target)).toEqual(OLD);
  expect(await temporaries()).toEqual([]);
});

test.each([0, 0.5])('killed with %f of the file written: the old file stays', async (share) => {
  await writeFile(target, OLD);
  const size = 128 * MEBIBYTE;
  const child = spawnWriter(size);
  const closed = once(child, 'close');
  while ((await written()) <= share * size && child.exitCode === null) await tick();
  child.kill('SIGKILL');
  expect((await closed)[1]).toBe('SIGKILL');

  // Killed in mid-write: the temporary file is there and the rename had not happened.
  const left = await temporaries();
  expect(left).toHaveLength(1);
  expect(await readFile(target)).toEqual(OLD);

  expect(await removeStaleTemporaries(directory)).toEqual(left);
  expect(await readdir(directory)).toEqual(['model.safetensors']);
});

test('the writer that is killed above would have finished', async () => {
  const child = spawnWriter(MEBIBYTE);
  expect((await once(child, 'close'))[0]).toBe(0);
  expect((await readFile(target)).equals(Buffer.alloc(MEBIBYTE, 7))).toBe(true);
});

test('removeStaleTemporaries keeps living writers and other files', async () => {
  const child = spawnWriter(0);
  await once(child, 'close');
  const stale = `.lethe-${child.pid}-0123456789abcdef.tmp`;
  const kept = [
    `.lethe-${process.pid}-0123456789abcdef.tmp`,
    `.lethe-1-0123456789abcdef.tmp`,
    `.lethe-${child.pid}-short.tmp`,
    `${stale}.txt`,
    'model.safetensors',
  ];
  await Promise.all([stale, ...kept].map((name) => writeFile(join(directory, name), OLD)));
  expect(await removeStaleTemporaries(directory)).toEqual([stale]);
  expect((await readdir(directory)).sort()).toEqual(kept.sort());
});

test('removeStaleTemporaries: no directory, nothing to remove; a file is an error', async () => {
  expect(await removeStaleTemporaries(join(directory, 'missing'))).toEqual([]);
  await writeFile(target, OLD);
  await expect(removeStaleTemporaries(target)).rejects.toThrow(CheckpointError);
});
