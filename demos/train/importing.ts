import { transfer } from 'comlink';

import { markText } from '../../src/train/text_mark';
import { megabytes } from '../shared/format';
import { bundled, source } from './form';
import { takeOver } from './keeping';
import { toOpen } from './opening';
import type { AskedText, Failure, GivenText, TextSource, TrainingService } from './protocol';
import { textAnswered, textService } from './text_store';
import { waiting } from './waiting';

/** Of a file with a run. */
const MAX_FILE_BYTES = 512 * 2 ** 20;

/** Takes up a run from a file. What is wrong with it; the run before goes on then, and while it waits. */
export async function importFile(file: File): Promise<string | null> {
  waiting.value = null;
  if (file.size > MAX_FILE_BYTES) {
    return `${file.name} has ${megabytes(file.size)}, and ${megabytes(MAX_FILE_BYTES)} is the most. Choose a file of "Export run", or a checkpoint.`;
  }
  const outcome = await send(file);
  if (!outcome) return null;
  if (!('asks' in outcome)) return end(outcome);
  const { asks } = outcome;
  // The text may be at hand.
  const found = [source.peek(), bundled.peek()].find((text) => isText(text, asks));
  if (found && asks.resumes) return end(await send(file, { text: found, begin: 'on' }));
  waiting.value = { ...asks, file, other: null };
  return null;
}

/** Gives the checkpoint that waits a text: with its own it goes on, with another it may begin anew. */
export async function giveText(text: TextSource): Promise<string | null> {
  const now = waiting.peek();
  if (!now) return null;
  if (now.resumes && isText(text, now)) return end(await send(now.file, { text, begin: 'on' }));
  waiting.value = { ...now, other: text };
  return null;
}

/** The same, with a text from a file. */
export async function giveTextFile(file: File): Promise<string | null> {
  const now = waiting.peek();
  const encoding = now?.mark.encoding;
  const read = await readAs(file, encoding);
  // Another text than its own may be in another encoding.
  if (now && encoding !== undefined && !('text' in read && isText(read, now))) {
    const plain = await readAs(file);
    if ('text' in plain) return giveText(plain);
  }
  return 'problem' in read ? read.problem : giveText(read);
}

async function readAs(file: File, encoding?: string): Promise<TextSource | { problem: string }> {
  const read = await textAnswered(textService().decode(file, encoding));
  if ('problem' in read) return read;
  return { ...read, name: file.name, ...(encoding === undefined ? {} : { encoding }) };
}

/** A new run on a text, with the weights of the checkpoint that waits. */
export async function beginAnew(text: TextSource): Promise<string | null> {
  const now = waiting.peek();
  return now && beginWith(now.file, text);
}

/** A new run on a text, with the weights of a checkpoint. What is wrong with it, or null. */
export async function beginWith(file: File, text: TextSource): Promise<string | null> {
  return end(await send(file, { text, begin: 'anew' }));
}

type Outcome = Awaited<ReturnType<TrainingService['importRun']>> | Failure;

/** The answer of the worker to a file; undefined where something else was asked for meanwhile. */
async function send(file: File, given?: GivenText): Promise<Outcome | undefined> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  return toOpen((service) => service.importRun(transfer(bytes, [bytes.buffer]), file.name, given));
}

function end(outcome: Outcome | undefined): string | null {
  if (!outcome || 'asks' in outcome) return null;
  if ('problem' in outcome) return outcome.problem.message;
  waiting.value = null;
  takeOver(outcome);
  return null;
}

function isText({ text, name }: TextSource, { mark }: AskedText): boolean {
  return text.length === mark.length && markText(text, name).hash === mark.hash;
}
