/** What a newcomer gives first, and gives wrongly, is refused by name; what can be left out, may be. */
import { expect, test, vi } from 'vitest';

import * as lethe from '../../src/index';
import { ArgumentError, openDevice } from '../../src/index';
import * as nn from '../../src/nn/index';
import * as optim from '../../src/optim/index';
import {
  CharTrainer,
  initFromCheckpoint,
  loadModel,
  markText,
  readCheckpoint,
  resumeTraining,
  sampleText,
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
  [/^vocabulary = abc; give Vocabulary/, () => new CharTrainer(device, TEXT, TINY, untyped('abc'))],
  [/^CharTrainer: device = the/, () => new CharTrainer(untyped(TEXT), TEXT)],
])('refused: %s', async (message, call) => {
  expect(await refusal(call)).toMatch(message);
});

const linear = new nn.Linear(device, 2, 2);
const x = lethe.ones(device, [2, 2]);

test.each([
  [/^Linear: bias = no; true or false/, () => new nn.Linear(device, 8, 2, { bias: untyped('no') })],
  [/^LSTM: batchFirst = 1; true/, () => new nn.LSTM(device, 2, 2, { batchFirst: untyped(1) })],
  [/^GRU: bias = "false"; true/, () => new nn.GRU(device, 2, 2, { bias: untyped('false') })],
  [/^sum: keepdim = null; true/, () => lethe.sum(x, { keepdim: untyped(null) })],
  [/^SGD: nesterov = yes; true/, () => new optim.SGD(linear, { nesterov: untyped('yes') })],
  [/^lr = "0.1"; a finite/, () => new optim.SGD(linear, { lr: untyped('0.1') })],
  [/^Adam: eps = a list; a finite/, () => new optim.Adam(linear, { eps: untyped([1]) })],
  [
    /^Adam: betas = \[0\.9\]; a list of two/,
    () => new optim.Adam(linear, { betas: untyped([0.9]) }),
  ],
  [
    /^temperature = "1"; a finite/,
    () => sampleText(trainer.model, trainer.vocabulary, { temperature: untyped('1') }),
  ],
  [
    /^prime = 5; a string is needed/,
    () => sampleText(trainer.model, trainer.vocabulary, { prime: untyped(5) }),
  ],
  [
    /^LSTM: state = an object of Tensor; a list is needed: \[h0, c0\]/,
    () => new nn.LSTM(device, 2, 2).forward(lethe.ones(device, [1, 1, 2]), untyped(x)),
  ],
])('refused: %s', async (message, call) => {
  expect(await refusal(call)).toMatch(message);
});

test.each(['float32', 'int32'])('the dtype %s is refused by name', (dtype) => {
  const refused = new RegExp(`cpu holds f32, .*, not ${dtype}`);
  const options = { dtype: untyped(dtype) };
  expect(() => lethe.tensor(device, [1], [1], options)).toThrow(refused);
  expect(() => lethe.zeros(device, [1], options)).toThrow(refused);
});

test('a module is saved into a folder that is there', async () => {
  await expect(nn.saveModule('/no/such/folder/model.safetensors', linear)).rejects.toThrow(
    'there is no folder /no/such/folder; make it',
  );
});

test('min-char-rnn refuses a missing file in one line', async () => {
  const error = vi.spyOn(console, 'error').mockReturnValue();
  const exit = vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`exit ${code}`);
  });
  const { argv } = process;
  process.argv = [...argv.slice(0, 2), '--help'];
  try {
    await expect(import('../../demos/min_char_rnn/main')).rejects.toThrow('exit 2');
    expect(error.mock.calls).toEqual([[expect.stringMatching(/--help.*\[FILE\] \[DEVICE\]/)]]);
  } finally {
    process.argv = argv;
    error.mockRestore();
    exit.mockRestore();
  }
});
