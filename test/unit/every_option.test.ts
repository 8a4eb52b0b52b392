import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import * as ctc from '../../src/ctc/index';
import * as data from '../../src/data/index';
import * as lethe from '../../src/index';
import * as inspect from '../../src/inspect/index';
import * as io from '../../src/io/index';
import * as metrics from '../../src/metrics/index';
import * as nn from '../../src/nn/index';
import * as optim from '../../src/optim/index';
import * as text from '../../src/text/index';
import * as train from '../../src/train/index';
import { CELLS } from '../setup/cells';

const device = await lethe.openDevice('cpu');
const matrix = lethe.ones(device, [2, 2]);
const ids = lethe.tensor(device, [0, 1], [2], { dtype: 'i32' });
const state = lethe.zeros(device, [2, 3]);
const weights = { weight_ih: matrix, weight_hh: matrix };
const parameters = () => new nn.Linear(device, 2, 2).namedParameters();
const story = 'the cat sat on the mat\n'.repeat(20);
const minimal = nn.defineCell({
  name: 'minimal',
  gates: ['h'],
  state: ['h'],
  step: (m, z) => ({ h: m.tanh(z.h) }),
});
const attending = { kind: 'dot', querySize: 2, keySize: 2 } as const;
const attention = new nn.Attention(device, attending);
const sentences = lethe.reshape(ids, [2, 1]);
const encoder = new nn.Encoder(device, 2, 3, 4);
const decoder = new nn.Decoder(device, 2, 3, 4);
const translator = new nn.EncoderDecoder(encoder, decoder);
const stepping: nn.DecodingFunction = (_, before) => ({ logits: matrix, state: before });
const packed = nn.packPaddedSequence(lethe.ones(device, [2, 1, 2]), [2]);
const trainer = new train.CharTrainer(device, story, { hidden: 4, embedding: 4, batch: 2, seq: 5 });
const { model, vocabulary } = trainer;
const letters = vocabulary.encode(story);
const frames = { shape: [1, 2], data: [0, 1] };
const words = new data.TokenVocabulary(['a']);
const checkpoint = train.readCheckpoint(
  await train.saveCheckpoint(trainer, train.markText(story, 'story')),
);

type Row = readonly [misspelt: string, meant: string, call: (options: object) => unknown];

/**
 * Every function and class that takes options, by name, with one option misspelt. A method is
 * `Class.method`.
 */
const TABLE: Readonly<Record<string, Row>> = {
  openDevice: ['nThreads', 'threads', (o) => lethe.openDevice('cpu', o)],
  tensor: ['requires_grad', 'requiresGrad', (o) => lethe.tensor(device, [1], [1], o)],
  full: ['type', 'dtype', (o) => lethe.full(device, [1], 2, o)],
  zeros: ['dType', 'dtype', (o) => lethe.zeros(device, [1], o)],
  ones: ['requiresgrad', 'requiresGrad', (o) => lethe.ones(device, [1], o)],
  scalar: ['dtyp', 'dtype', (o) => lethe.scalar(device, 1, o)],
  Generator: ['stepp', 'step', (o) => new lethe.Generator(device, 1, o)],
  'Device.tune': ['budgetMs', 'budget', (o) => device.tune(o)],
  backward: ['retain_graph', 'retainGraph', (o) => lethe.backward(matrix, o)],
  gradcheck: ['epsilon', 'eps', (o) => lethe.gradcheck(lethe.relu, [matrix], o)],
  matmul: ['transB', 'transposeB', (o) => lethe.matmul(matrix, matrix, o)],
  linear: ['activate', 'activation', (o) => lethe.linear(matrix, matrix, undefined, o)],
  sum: ['axis', 'dim', (o) => lethe.sum(matrix, o)],
  mean: ['keepDims', 'keepdim', (o) => lethe.mean(matrix, o)],
  amax: ['dims', 'dim', (o) => lethe.amax(matrix, o)],
  slice: ['stop', 'end', (o) => lethe.slice(matrix, 0, o)],
  clamp: ['minimum', 'min', (o) => lethe.clamp(matrix, o)],
  crossEntropy: ['label_smoothing', 'labelSmoothing', (o) => lethe.crossEntropy(matrix, ids, o)],
  ctcLoss: [
    'zero_infinity',
    'zeroInfinity',
    (o) =>
      lethe.ctcLoss(
        lethe.ones(device, [3, 1, 2]),
        lethe.tensor(device, [1], [1], { dtype: 'i32' }),
        {
          ...{ inputLengths: [3], targetLengths: [1] },
          ...o,
        },
      ),
  ],
  mseLoss: ['reduce', 'reduction', (o) => lethe.mseLoss(matrix, matrix, o)],
  l1Loss: ['masks', 'mask', (o) => lethe.l1Loss(matrix, matrix, o)],
  binaryCrossEntropyWithLogits: [
    'masked',
    'mask',
    (o) => lethe.binaryCrossEntropyWithLogits(matrix, matrix, o),
  ],
  linearCrossEntropy: [
    'ignored',
    'ignoreIndex',
    (o) => lethe.linearCrossEntropy(matrix, matrix, undefined, ids, o),
  ],
  scan: [
    'reversed',
    'reverse',
    (o) => lethe.scan(CELLS.rnn, lethe.ones(device, [1, 2, 2]), weights, [state], o),
  ],
  SequenceOrder: ['batch_first', 'batchFirst', (o) => new lethe.SequenceOrder(ids, 1, o)],

  CRF: ['rng', 'random', (o) => new nn.CRF(device, 3, o)],
  'CRF.loss': [
    'reduce',
    'reduction',
    (o) =>
      new nn.CRF(device, 2).loss(
        ...[lethe.ones(device, [2, 2, 2]), lethe.zeros(device, [2, 2], { dtype: 'i32' }), ids],
        o,
      ),
  ],
  Linear: ['useBias', 'bias', (o) => new nn.Linear(device, 2, 3, o)],
  Embedding: ['rng', 'random', (o) => new nn.Embedding(device, 2, 3, o)],
  MLP: ['activation', 'nonlinearity', (o) => new nn.MLP(device, [2, 3], o)],
  Attention: ['key_size', 'keySize', (o) => new nn.Attention(device, { ...attending, ...o })],
  'Attention.project': [
    'masks',
    'mask',
    (o) => attention.project(lethe.ones(device, [3, 2, 2]), o),
  ],
  'Attention.forward': [
    'masked',
    'mask',
    (o) => attention.forward(matrix, lethe.ones(device, [3, 2, 2]), o),
  ],
  Encoder: ['layers', 'numLayers', (o) => new nn.Encoder(device, 2, 3, 4, o)],
  'Encoder.forward': ['length', 'lengths', (o) => encoder.forward(sentences, o)],
  Decoder: ['key_size', 'keySize', (o) => new nn.Decoder(device, 2, 3, 4, o)],
  'Decoder.forward': ['teachers', 'teacher', (o) => decoder.forward(sentences, undefined, o)],
  'Decoder.features': ['memories', 'memory', (o) => decoder.features(sentences, undefined, o)],
  'EncoderDecoder.encode': ['masks', 'mask', (o) => translator.encode(sentences, o)],
  'EncoderDecoder.forward': [
    'teacherForcing',
    'teacher',
    (o) => translator.forward(sentences, sentences, o),
  ],
  'EncoderDecoder.loss': [
    'length',
    'lengths',
    (o) => translator.loss(sentences, sentences, sentences, o),
  ],
  'EncoderDecoder.generate': [
    'max_length',
    'maxLength',
    (o) => translator.generate(sentences, { begin: 0, end: 1, maxLength: 2, ...o }),
  ],
  greedy: [
    'max_length',
    'maxLength',
    (o) => nn.greedy(stepping, [state], { begin: [0, 0], end: 1, maxLength: 2, ...o }),
  ],
  beamSearch: [
    'beamWidth',
    'width',
    (o) => nn.beamSearch(stepping, [state], { begin: [0, 0], end: 1, maxLength: 2, ...o }),
  ],
  RNN: ['activation', 'nonlinearity', (o) => new nn.RNN(device, 2, 3, o)],
  LSTM: ['layers', 'numLayers', (o) => new nn.LSTM(device, 2, 3, o)],
  GRU: ['batch_first', 'batchFirst', (o) => new nn.GRU(device, 2, 3, o)],
  Recurrent: ['num_layers', 'numLayers', (o) => new nn.Recurrent(device, minimal, 2, 3, o)],
  RNNCell: ['nonlinear', 'nonlinearity', (o) => new nn.RNNCell(device, 2, 3, o)],
  LSTMCell: ['unitForgetBias', 'forgetBias', (o) => new nn.LSTMCell(device, 2, 3, o)],
  GRUResetBeforeCell: ['useBias', 'bias', (o) => new nn.GRUResetBeforeCell(device, 2, 3, o)],
  GRUCell: ['initializer', 'recurrentInit', (o) => new nn.GRUCell(device, 2, 3, o)],
  Cell: [
    'biases',
    'bias',
    (o) =>
      new (class extends nn.Cell {
        constructor() {
          super(device, { gates: ['h'], state: ['h'] }, 2, 3, o);
        }
        project = (x: lethe.Tensor) => x;
        step = (gx: lethe.Tensor) => [gx];
      })(),
  ],
  ScanCell: ['projectionSize', 'projSize', (o) => new nn.ScanCell(device, minimal, 2, 3, o)],
  'ScanCell.scan': [
    'reversed',
    'reverse',
    (o) => new nn.GRUCell(device, 2, 3).scan(lethe.ones(device, [1, 2, 2]), [state], o),
  ],
  'Recurrent.forward': [
    'length',
    'lengths',
    (o) => new nn.GRU(device, 2, 3).forward(lethe.ones(device, [1, 2, 2]), undefined, o),
  ],
  'Recurrent.run': [
    'lengthes',
    'lengths',
    (o) => new nn.GRU(device, 2, 3).run(lethe.ones(device, [1, 2, 2]), undefined, o),
  ],
  packPaddedSequence: [
    'enforce_sorted',
    'enforceSorted',
    (o) => nn.packPaddedSequence(lethe.ones(device, [2, 1, 2]), [2], o),
  ],
  padPackedSequence: ['total_length', 'totalLength', (o) => nn.padPackedSequence(packed, o)],
  padSequence: ['padding_value', 'paddingValue', (o) => nn.padSequence([matrix], o)],

  SGD: ['learningRate', 'lr', (o) => new optim.SGD(parameters(), o)],
  Adagrad: ['decay', 'weightDecay', (o) => new optim.Adagrad(parameters(), o)],
  RMSprop: ['rho', 'alpha', (o) => new optim.RMSprop(parameters(), o)],
  Adam: ['beta1', 'betas', (o) => new optim.Adam(parameters(), o)],
  AdamW: ['weight_decay', 'weightDecay', (o) => new optim.AdamW(parameters(), o)],
  'Optimizer.step': ['maxGradNorm', 'maxNorm', (o) => new optim.Adam(parameters()).step(o)],

  penalty: ['L2', 'l2', (o) => optim.penalty([matrix], o)],

  decodeText: [
    'enc',
    'encoding',
    (o) => text.decodeText(new TextEncoder().encode(story), 'story', o),
  ],
  readTextStream: [
    'encodng',
    'encoding',
    (o) => text.readTextStream(new Blob([story]).stream() as never, 'story', o),
  ],
  'EncodedText.in': ['unknow', 'unknown', (o) => text.encodeText(story).in(vocabulary, o)],
  'Vocabulary.encode': ['unknow', 'unknown', (o) => vocabulary.encode(story, o)],
  Streams: ['batchSize', 'batch', (o) => new text.Streams(letters, { batch: 2, seq: 5, ...o })],
  evaluationWindows: [
    'seqLen',
    'seq',
    (o) => text.evaluationWindows(letters, { batch: 2, seq: 5, ...o }),
  ],
  ngramScores: [
    'order',
    'maxOrder',
    (o) => text.ngramScores(letters, letters, { vocabularySize: 99, maxOrder: 2, ...o }),
  ],
  errorKinds: [
    'ngram',
    'ngrams',
    (o) => text.errorKinds('a', [0.1], { train: 'a', ngrams: [], ...o }),
  ],
  characterInfluence: ['reachs', 'reach', (o) => inspect.characterInfluence(model, letters, 3, o)],
  ngramEntropies: [
    'vocabulary',
    'vocabularySize',
    (o) => text.ngramEntropies(letters, letters, { vocabularySize: 99, maxOrder: 2, ...o }),
  ],

  readWordVectors: ['firsts', 'first', (o) => data.readWordVectors(['a 1'], o)],
  parseConll: ['conllU', 'conllu', (o) => data.parseConll('a O', o)],
  drawIndex: ['top_k', 'topK', (o) => train.drawIndex([1, 2], 1, new lethe.Random(1), o)],
  padTargets: [
    'bos',
    'begin',
    (o) => data.padTargets([[1]], { begin: 2, end: 3, padding: 0, ...o }),
  ],
  padSequences: ['pad', 'padding', (o) => data.padSequences([[1]], { padding: 0, ...o })],
  padVectors: ['maxTime', 'time', (o) => data.padVectors([[[1]]], o)],
  fixedBatches: [
    'batch_size',
    'batchSize',
    (o) => data.fixedBatches([1], { batchSize: 1, collate: () => ({}), ...o }),
  ],
  bucketBatches: [
    'shapes',
    'maxShapes',
    (o) => data.bucketBatches([1], { batchSize: 1, lengthOf: () => 1, collate: () => ({}), ...o }),
  ],
  wordTokens: ['lowercase', 'lowerCase', (o) => data.wordTokens(story, o)],
  csvNumbers: ['naVals', 'naValues', (o) => data.csvNumbers(data.parseCsv('a\n1'), 'a', o)],
  parseCsv: ['delimiter', 'separator', (o) => data.parseCsv('a\n1', o)],
  'TokenVocabulary.fromSequences': [
    'min_count',
    'minCount',
    (o) => data.TokenVocabulary.fromSequences([['a']], o),
  ],
  'TokenVocabulary.encode': ['EOS', 'eos', (o) => words.encode(['a'], o)],
  'TokenVocabulary.decode': ['special', 'specials', (o) => words.decode([0], o)],
  'BytePairEncoding.train': [
    'vocabSize',
    'vocabularySize',
    (o) => data.BytePairEncoding.train([story], { vocabularySize: 300, ...o }),
  ],
  'BytePairEncoding.encode': [
    'BOS',
    'bos',
    (o) => data.BytePairEncoding.train([story], { vocabularySize: 300 }).encode(story, o),
  ],
  'MinMaxScaler.fit': ['lowest', 'low', (o) => data.MinMaxScaler.fit([1], o)],
  accuracy: ['ignored', 'ignore', (o) => metrics.accuracy([1], [1], o)],
  confusionMatrix: ['clases', 'classes', (o) => metrics.confusionMatrix([1], [1], o)],
  classScores: ['class', 'classes', (o) => metrics.classScores([1], [1], o)],
  macroF1: ['ignoreIndex', 'ignore', (o) => metrics.macroF1([1], [1], o)],
  bleu: ['smoothing', 'smooth', (o) => metrics.bleu([['a']], [['a']], o)],

  ctcGreedy: ['length', 'lengths', (o) => ctc.ctcGreedy(frames, o)],
  CtcGreedyStream: ['blanks', 'blank', (o) => new ctc.CtcGreedyStream(o)],
  ctcBeamSearch: ['beamWidth', 'width', (o) => ctc.ctcBeamSearch(frames, o)],
  ctcBatchBeamSearch: ['beamWidth', 'width', (o) => ctc.ctcBatchBeamSearch(frames, o)],
  ctcAlign: ['blankId', 'blank', (o) => ctc.ctcAlign(frames, [1], o)],
  ctcPosteriors: ['inputLengths', 'lengths', (o) => ctc.ctcPosteriors(frames, [1], o)],
  ngramLanguageModel: [
    'blankId',
    'blank',
    (o) =>
      ctc.ngramLanguageModel(new text.NgramModel(letters, { vocabularySize: 99, order: 1 }), o),
  ],
  NgramModel: [
    'maxOrder',
    'order',
    (o) => new text.NgramModel(letters, { vocabularySize: 99, order: 1, ...o }),
  ],

  completeConfig: ['learning_rate', 'lr', (o) => train.completeConfig(o)],
  changedConfig: ['learning_rate', 'lr', (o) => train.changedConfig(trainer.config, o)],
  warmStartConfig: ['learning_rate', 'lr', (o) => train.warmStartConfig(checkpoint.header, o)],
  resumeTraining: ['learningRate', 'lr', (o) => train.resumeTraining(device, story, checkpoint, o)],
  initFromCheckpoint: [
    'hiddenSize',
    'hidden',
    (o) => train.initFromCheckpoint(device, story, checkpoint, o),
  ],
  countParameters: ['units', 'hidden', (o) => train.countParameters(o, 10)],
  estimateMemory: ['batchSize', 'batch', (o) => train.estimateMemory(o, 10)],
  Trainer: [
    'clip',
    'clipNorm',
    (o) => new train.Trainer(device, trainer.task, { optimizer: trainer.optimizer, ...o }),
  ],
  'Trainer.fit': ['epoch', 'epochs', (o) => trainer.fit(o).next()],
  CharTrainer: ['hiddenSize', 'hidden', (o) => new train.CharTrainer(device, story, o)],
  'CharTrainer.sample': ['temp', 'temperature', (o) => trainer.sample(o).next()],
  CharModel: [
    'fuse',
    'fused',
    (o) => new train.CharModel(device, 9, trainer.config, 1, new lethe.Generator(device, 1), o),
  ],
  'CharModel.loss': [
    'overwrite',
    'overwriteState',
    (o) => model.loss({ ids, labels: ids }, model.zeroState(1), o),
  ],
  evaluate: [
    'batchSize',
    'batch',
    (o) => train.evaluate(model, letters, { batch: 1, seq: 5, ...o }),
  ],
  train: [
    'epochs',
    'steps',
    (o) =>
      train.train(trainer, { logEvery: 1, evalEvery: 0, sampleEvery: 0, sample: {}, ...o }).next(),
  ],
  checkSample: ['maxLength', 'length', (o) => train.checkSample(vocabulary, o)],
  sample: ['prompt', 'prime', (o) => train.sample(model, vocabulary, o).next()],
  checkSampleTexts: ['batchSize', 'batch', (o) => train.checkSampleTexts(vocabulary, o)],
  sampleTexts: ['batches', 'batch', (o) => train.sampleTexts(model, vocabulary, o)],
  sampleText: ['top_k', 'topK', (o) => train.sampleText(model, vocabulary, o)],
  charLanguageModel: ['blankId', 'blank', (o) => train.charLanguageModel(model, vocabulary, o)],
  TextScorer: ['alternative', 'alternatives', (o) => new train.TextScorer(model, vocabulary, o)],
};

describe('an unknown option is refused', () => {
  test.each(Object.entries(TABLE))('%s', async (name, [misspelt, meant, call]) => {
    const error: unknown = await new Promise((resolve) => resolve(call({ [misspelt]: 1 }))).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(error, name).toBeInstanceOf(lethe.ArgumentError);
    expect((error as Error).message).toContain(
      `: unknown option ${misspelt}; did you mean ${meant}? It takes `,
    );
  });
});

test('the table is whole', () => {
  const exported = new Set(
    [lethe, ctc, data, inspect, io, metrics, nn, optim, text, train].flatMap((part) =>
      Object.keys(part),
    ),
  );
  const takes = /\b(?:\w*Options|\w*Config|WindowSize|GeneratorState)\b|\{ \w+\?: /;
  // Functions of the layout: they take a whole configuration, made by completeConfig.
  const whole = ['layOut'];
  const missing: string[] = [];
  for (const file of readdirSync('src', { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || /^(cli|backend|kernels)/.test(file)) continue;
    const source = readFileSync(`src/${file}`, 'utf8');
    const functions = /^export (?:async )?function\*? (\w+)(?:<.*?>)?\(([^]*?)\n?\)(?:: |\s*\{)/gm;
    for (const [, name, list] of source.matchAll(functions)) {
      if (takes.test(list) && exported.has(name)) missing.push(name);
    }
    for (const [, name, , body] of source.matchAll(
      /^export (?:abstract )?class (\w+)(.*)\{\n([^]*?)^\}/gm,
    )) {
      for (const [, method, list] of body.matchAll(
        /^ {2}(?!if|for|while|switch)(?:async |protected )?(\w+)\(([^]*?)\n?(?: {2})?\)(?:: .*)? \{$/gm,
      )) {
        if (!takes.test(list) || !(exported.has(name) || name === 'Device')) continue;
        missing.push(method === 'constructor' ? name : `${name}.${method}`);
      }
    }
  }
  expect(missing.length).toBeGreaterThan(40);
  expect(missing.filter((name) => !(name in TABLE) && !whole.includes(name))).toEqual([]);
});
