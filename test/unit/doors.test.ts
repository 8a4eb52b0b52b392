/** What a newcomer gives first, and gives wrongly, is refused by name; what can be left out, may be. */
import { expect, test } from 'vitest';

import { ArgumentError, openDevice } from '../../src/index';
import {
  CharTrainer,
  initFromCheckpoint,
  loadModel,
  markText,
  readCheckpoint,
  resumeTraining,
  saveCheckpoint,
} from '../../src/train/index';

const TEXT = 'the quick brown fox jumps over the lazy dog. '.repeat(4);
const TINY = { hidden: 3, embedding: 2, batch: 2, seq: 4, validFraction: 0 };
const device = await openDevice('cpu');
const trainer = new CharTrainer(device, TEXT, TINY);
const checkpoint = readCheckpoint(await saveCheckpoint(trainer));
const untyped = (value: unknown): never => value as never;

async function refusal(call: () => unknown): Promise<string> {
  try {
    await call();
  } catch (error) {
    expect(error).toBeInstanceOf(ArgumentError);
    return (error as Error).message;
  }
  throw new Error('nothing was refused');
}

test('a checkpoint knows its text without being told', async () => {
  expect(checkpoint.header.text).toEqual(markText(TEXT, 'text'));
  expect(markText(TEXT)).toEqual(markText(TEXT, 'text'));
  expect(resumeTraining(device, TEXT, checkpoint).step).toBe(0);
});

test('a resumed run keeps the name of its text', async () => {
  const mark = { ...markText(TEXT, 'fox.txt'), encoding: 'latin1' };
  const named = readCheckpoint(await saveCheckpoint(trainer, mark));
  const resumed = resumeTraining(device, TEXT, named);
  expect(readCheckpoint(await saveCheckpoint(resumed)).header.text).toEqual(mark);
});

test.each([
  ['story'],
  [null],
  [{}],
  [{ ...markText(TEXT), source: undefined }],
  [{ ...markText(TEXT), hash: NaN }],
  [{ ...markText(TEXT), encoding: 8 }],
])('a checkpoint that could not be read is not saved: the mark %j', async (mark) => {
  expect(await refusal(() => saveCheckpoint(trainer, untyped(mark)))).toMatch(
    /^saveCheckpoint: text = .*; give markText\(text, name\), or leave it out$/,
  );
});

test.each([
  [/^saveCheckpoint: trainer = undefined/, () => saveCheckpoint(untyped(undefined))],
  [/^loadModel: device = a plain object/, () => loadModel(untyped(checkpoint), untyped(device))],
  [
    /^loadModel: checkpoint = an object of Uint8Array/,
    () => loadModel(device, untyped(new Uint8Array())),
  ],
  [
    /^loadModel: checkpoint = undefined; give what readCheckpoint/,
    () => loadModel(device, untyped(undefined)),
  ],
  [
    /^resumeTraining: device = a plain/,
    () => resumeTraining(untyped(checkpoint), TEXT, untyped(device)),
  ],
  [
    /^resumeTraining: checkpoint = the/,
    () => resumeTraining(device, untyped(checkpoint), untyped(TEXT)),
  ],
  [
    /^initFromCheckpoint: device = /,
    () => initFromCheckpoint(untyped(checkpoint), TEXT, untyped(device)),
  ],
  [/^initFromCheckpoint: checkpoint = null/, () => initFromCheckpoint(device, TEXT, untyped(null))],
  [/^CharTrainer: vocabulary = abc/, () => new CharTrainer(device, TEXT, TINY, untyped('abc'))],
  [/^CharTrainer: device = the/, () => new CharTrainer(untyped(TEXT), TEXT)],
])('refused: %s', async (message, call) => {
  expect(await refusal(call)).toMatch(message);
});
