import { batch, effect, signal } from '@preact/signals';
import type { Remote } from 'comlink';

import { megabytes } from '../shared/format';
import { messageOf } from '../../src/io/reason';
import { counting, source, statistics } from './form';
import type { TextSource } from './protocol';
import { info, isOpen, problem } from './store';
import type { TextService } from './text_protocol';
import type { StudioText } from './texts';
import { WorkerLink } from '../shared/worker_link';

/** Bytes of the largest file that is read. */
const MAX_FILE_BYTES = 32_000_000;

/** What was wrong with the last file, in a sentence. */
export const fileProblem = signal<string | null>(null);
/** Name of the file that is being read. */
export const reading = signal<string | null>(null);

const link = new WorkerLink<TextService>(
  () => new Worker(new URL('./text_worker.ts', import.meta.url), { type: 'module' }),
  (message) => {
    // The next text is counted by another worker.
    taken = '';
    batch(() => {
      reading.value = null;
      counting.value = false;
      fileProblem.value = `The text cannot be counted: ${message}.`;
    });
  },
);
/** The text whose statistics are there, or on the way. */
let taken = '';
/** Grows with every text that is asked for, so that a late answer is known as such. */
let version = 0;

/** The worker for texts, started on the first call. */
export const textService = (): Remote<TextService> => link.connect();
/** An answer of that worker, or a rejection when there will be none. */
export const textAnswered = <P extends Promise<unknown>>(work: P): Promise<Awaited<P>> =>
  link.answered(work);

/** Why a run did not begin may not hold for another text; why one ended stays. */
function put(text: TextSource): void {
  if (!info.peek()) problem.value = null;
  source.value = text;
}

/** Takes a text that was typed or chosen; what it consists of follows. */
export function setText(name: string, text: string): void {
  version++;
  const tooLong = text.length > MAX_FILE_BYTES;
  batch(() => {
    reading.value = null;
    fileProblem.value = tooLong ? tooLarge('The text', text.length) : null;
    if (!tooLong) put({ name, text });
  });
}

/**
 * Takes a file, unless another text was chosen meanwhile, or a run began. The text before stays until all of it
 * is read, and when something is wrong.
 */
export async function takeFile(file: File): Promise<void> {
  const mine = ++version;
  fileProblem.value = refusal(file);
  // Nothing waits any more for what was read before.
  reading.value = null;
  if (fileProblem.value !== null) return;
  reading.value = file.name;
  const read = await textAnswered(textService().readFile(file)).catch((error: unknown) => ({
    problem: `${file.name} cannot be read: ${String(error)}.`,
  }));
  if (mine !== version) return;
  batch(() => {
    reading.value = null;
    if (isOpen.peek()) return;
    if ('problem' in read) {
      fileProblem.value = read.problem;
      return;
    }
    taken = read.text;
    put({ name: file.name, text: read.text });
    statistics.value = read.statistics;
    counting.value = false;
  });
}

/** Takes a text of the studio, unless another was chosen meanwhile, or a run began. */
export async function takeBundled({ name, load }: StudioText): Promise<void> {
  const mine = ++version;
  reading.value = name;
  try {
    const text = await load();
    if (mine === version && !isOpen.peek()) setText(name, text);
  } catch (error) {
    if (mine === version) {
      fileProblem.value = `${name} could not be loaded (${messageOf(error)}): paste one, or open a file.`;
    }
  } finally {
    if (mine === version) reading.value = null;
  }
}

function refusal({ name, size }: File): string | null {
  if (size === 0) return `${name} is empty. Choose a file with a text.`;
  return size > MAX_FILE_BYTES ? tooLarge(name, size) : null;
}

function tooLarge(name: string, size: number): string {
  return `${name} has ${megabytes(size)}, and ${megabytes(MAX_FILE_BYTES)} is the most. Choose a part of it.`;
}

/** Has every text counted that comes by another way than a file. */
effect(() => {
  const { text } = source.value;
  if (text === taken) return;
  taken = text;
  counting.value = true;
  textAnswered(textService().take(text))
    .then((counted) => {
      if (taken !== text) return;
      batch(() => {
        statistics.value = counted;
        counting.value = false;
      });
    })
    .catch((error: unknown) => {
      if (taken !== text) return;
      counting.value = false;
      fileProblem.value = `The text cannot be counted: ${String(error)}.`;
    });
});
