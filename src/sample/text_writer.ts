import type { CellDefinition } from '../cell/definition';
import { ArgumentError, CheckpointError } from '../errors';
import { referenceProduct, referenceStep } from '../kernels/cell_reference';
import { drawReference } from '../kernels/draw_reference';
import { DEFINITIONS } from '../nn/cells/definitions';
import { readCheckpoint } from '../train/checkpoint';
import { checkSample, RANDOM_STREAM } from '../train/sample_options';
import type { SampleOptions } from '../train/sample_options';
import { Vocabulary } from '../text/vocabulary';

interface Layer {
  /** [gates hidden, input] */
  readonly weight_ih: Float32Array;
  /** [gates hidden, hidden], where there is such a product. */
  readonly weight_hh: Float32Array | undefined;
  /** As `referenceStep` takes them. */
  readonly vectors: Float32Array;
}

/** The parts of each layer's state, [hidden] each, the output first. */
type State = readonly (readonly Float32Array[])[];

/** A character model that writes on the CPU, in plain JavaScript. `readWriter` makes it. */
export class TextWriter {
  /** The characters that the model knows. */
  readonly vocabulary: Vocabulary;
  readonly #cell: CellDefinition;
  readonly #hidden: number;
  /** [vocabulary, width]; undefined where characters are one-hot. */
  readonly #embedding: Float32Array | undefined;
  readonly #layers: readonly Layer[];
  readonly #decoder: { readonly weight: Float32Array; readonly bias: Float32Array };
  /** What the first layer gets from each character that was read. */
  readonly #inputs: number[][] = [];

  /** @internal */
  constructor(bytes: Uint8Array, name: string) {
    const { header, tensors } = readCheckpoint(bytes, name);
    const { cell, hidden, layers, embedding } = header.config;
    if (!Object.hasOwn(DEFINITIONS, cell)) {
      throw new ArgumentError(
        `${name}: the cell ${cell} is written by hand, and lethe/sample has those given by equations; ` +
          'loadModel and sample of lethe/train serve it',
      );
    }
    const definition: CellDefinition = DEFINITIONS[cell as keyof typeof DEFINITIONS];
    this.vocabulary = Vocabulary.fromJSON(header.vocabulary);
    this.#cell = definition;
    this.#hidden = hidden;
    const { size } = this.vocabulary;
    const floats = (parameter: string, ...shape: number[]): Float32Array => {
      const tensor = tensors.get(parameter);
      if (tensor?.shape.join() === shape.join()) return Float32Array.from(tensor.data, Number);
      throw new CheckpointError(
        `${name}: ${parameter} is ${tensor ? `[${tensor.shape.join(', ')}]` : 'missing'}; ` +
          `[${shape.join(', ')}] is needed`,
      );
    };
    const rows = definition.gates.length * hidden;
    this.#embedding = embedding > 0 ? floats('embedding.weight', size, embedding) : undefined;
    this.#layers = Array.from({ length: layers }, (_, i) => {
      const of = (parameter: string, ...shape: number[]) =>
        floats(`rnn.${parameter}_l${i}`, ...shape);
      const { dense, biased } = definition;
      const weight_hh = dense ? of('weight_hh', rows, hidden) : undefined;
      const bias = of('bias_ih', rows);
      const other = dense ? of('bias_hh', rows) : new Float32Array(rows);
      const biases = biased ? [bias, other] : [bias.map((value, j) => value + other[j])];
      const own = definition.vectors.map((vector) => of(vector, hidden));
      return {
        weight_ih: of('weight_ih', rows, i > 0 ? hidden : embedding || size),
        weight_hh,
        vectors: joined([...biases, ...own]),
      };
    });
    this.#decoder = {
      weight: floats('decoder.weight', size, hidden),
      bias: floats('decoder.bias', size),
    };
  }

  /**
   * Draws text, a character at a time: the same options as `sample` of `lethe/train` takes, and the same
   * characters by the same seed, but for a draw that rounding tips. What comes before the first character
   * drawn (the prime) is not repeated. It computes where it is asked for the next character, and waits for
   * nothing: let the page draw in between where the text is long, or the model large.
   *
   * @throws TextError for a prime with a character that the model does not know.
   * @throws ArgumentError for an unknown option, or a value out of range.
   */
  *sample(options: SampleOptions = {}): Generator<string, void> {
    const plan = checkSample(this.vocabulary, options);
    const { ids, length, temperature, topK, topP, seed } = plan;
    const state: State = this.#layers.map(() =>
      this.#cell.state.map(() => new Float32Array(this.#hidden)),
    );
    for (const id of ids.subarray(0, -1)) this.#read(id, state);
    const settings = Float32Array.of(temperature, topK, topP);
    const cursor = Uint32Array.of(seed, RANDOM_STREAM, 0, 0);
    let id = ids[ids.length - 1];
    const { weight, bias } = this.#decoder;
    for (let i = 0; i < length; i++) {
      const logits = referenceProduct(weight, this.#read(id, state));
      id = drawReference(
        Float32Array.from(logits, (value, j) => value + bias[j]),
        settings,
        cursor,
      );
      yield this.vocabulary.character(id);
    }
  }

  /** All of what `sample` draws. */
  sampleText(options: SampleOptions = {}): string {
    return [...this.sample(options)].join('');
  }

  /** Reads a character. Changes the state, and gives the output of the highest layer. */
  #read(id: number, state: State): Float32Array {
    let input = (this.#inputs[id] ??= this.#inputOf(id));
    for (const [i, { weight_ih, weight_hh, vectors }] of this.#layers.entries()) {
      if (i > 0) input = referenceProduct(weight_ih, state[i - 1][0]);
      const recurrent = weight_hh ? referenceProduct(weight_hh, state[i][0]) : [];
      referenceStep(this.#cell, vectors, input, recurrent, state[i]);
    }
    return state[state.length - 1][0];
  }

  /** What the first layer's input matrix makes of a character. */
  #inputOf(id: number): number[] {
    const [{ weight_ih }] = this.#layers;
    const { size } = this.vocabulary;
    const width = this.#embedding ? this.#embedding.length / size : size;
    if (this.#embedding) {
      return referenceProduct(weight_ih, this.#embedding.subarray(id * width, (id + 1) * width));
    }
    return Array.from(
      { length: weight_ih.length / width },
      (_, row) => weight_ih[row * width + id],
    );
  }
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/**
 * The character model of a checkpoint, to write with and for nothing else: a page that needs no GPU and no
 * training loads a sixth of what `lethe` and `lethe/train` are. Plain JavaScript, in one thread; a model of a
 * million weights writes some hundred characters a second.
 *
 * @param bytes of a checkpoint: of `lethe train`, or of the studio's "Export model".
 * @param name of the file, for messages.
 * @throws CheckpointError when they are damaged, or are no checkpoint of a character model.
 * @throws ArgumentError for a model of the cell gru-reset-before.
 * @example
 * ```ts
 * import { readWriter } from 'lethe/sample';
 *
 * const file = await fetch('checkpoint.safetensors');
 * const writer = readWriter(new Uint8Array(await file.arrayBuffer()));
 * console.log(writer.sampleText({ prime: 'the ', length: 30 }).length); // 30
 * ```
 */
export function readWriter(bytes: Uint8Array, name = 'checkpoint'): TextWriter {
  return new TextWriter(bytes, name);
}
