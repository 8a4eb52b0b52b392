import { defineCell } from '../../cell/definition';
import type { CellDefinition } from '../../cell/definition';
import { ArgumentError } from '../../errors';
import { checkOptions } from '../../options';
import type { OptionNames } from '../../options';

/** What an LSTM may have more, or less. */
export interface LSTMVariant {
  /**
   * Gates that see the cell state: i and f that of before the step, o the new one, by a number for each
   * unit: `weight_ci`, `weight_cf` and `weight_co`, zeros at first.
   */
  peephole?: boolean;
  /** What is forgotten is what is taken in: i = 1 - f. The rows of i do not exist. */
  coupled?: boolean;
  /** False: i is 1, and its rows do not exist. */
  inputGate?: boolean;
  /** False: f is 1, and its rows do not exist. */
  forgetGate?: boolean;
  /** False: o is 1, and its rows do not exist. */
  outputGate?: boolean;
  /** False: no tanh about the candidate g. */
  inputActivation?: boolean;
  /** False: no tanh about the new cell state before the output gate. */
  outputActivation?: boolean;
}

export const LSTM_VARIANT: OptionNames<LSTMVariant> = {
  peephole: 'boolean',
  coupled: 'boolean',
  inputGate: 'boolean',
  forgetGate: 'boolean',
  outputGate: 'boolean',
  inputActivation: 'boolean',
  outputActivation: 'boolean',
};

const made = new Map<string, CellDefinition>();

/**
 * The equations of an LSTM. Its gates are in PyTorch's order, i, f, g, o, without those that there are
 * not. The same options give the same definition.
 *
 * Source: Hochreiter and Schmidhuber (1997), with the forget gate and the peepholes of Gers et al.
 * (2000); the variants are those of Greff et al. (2017).
 *
 * @throws ArgumentError for an option that is none, and for options that exclude each other.
 */
export function lstmOf(variant: LSTMVariant = {}): CellDefinition {
  checkVariant('lstmOf', variant);
  const { peephole = false, coupled = false, inputGate = true, forgetGate = true } = variant;
  const { outputGate = true, inputActivation = true, outputActivation = true } = variant;
  const name = [
    ...['lstm', peephole && 'peephole', coupled && 'coupled', !inputGate && 'nig'],
    ...[!forgetGate && 'nfg', !outputGate && 'nog', !inputActivation && 'niaf'],
    !outputActivation && 'noaf',
  ]
    .filter((part) => part !== false)
    .join('-');
  const known = made.get(name);
  if (known) return known;
  const has = { i: inputGate && !coupled, f: forgetGate, g: true, o: outputGate };
  const gates = (['i', 'f', 'g', 'o'] as const).filter((gate) => has[gate]);
  const peepholes = gates.filter((gate) => peephole && gate !== 'g');
  const definition = defineCell({
    name,
    gates,
    state: ['h', 'c'],
    vectors: Object.fromEntries(peepholes.map((gate) => [`weight_c${gate}`, 0])),
    step(m, z, s, v) {
      type Value = typeof s.c;
      const gate = (name: 'i' | 'f' | 'o', c: Value): Value =>
        m.sigmoid(peephole ? m.add(z[name], m.mul(v[`weight_c${name}`], c)) : z[name]);
      /** What a gate lets through; everything, where there is no such gate. */
      const through = (open: Value | undefined, x: Value): Value =>
        open === undefined ? x : m.mul(open, x);
      const f = has.f ? gate('f', s.c) : undefined;
      const own = has.i ? gate('i', s.c) : undefined;
      const i = coupled && f !== undefined ? m.sub(1, f) : own;
      const c = m.add(through(f, s.c), through(i, inputActivation ? m.tanh(z.g) : z.g));
      const o = has.o ? gate('o', c) : undefined;
      return { h: through(o, outputActivation ? m.tanh(c) : c), c };
    },
  });
  made.set(name, definition);
  return definition;
}

/** @throws ArgumentError naming the options that exclude each other. */
export function checkVariant(owner: string, variant: LSTMVariant): void {
  checkOptions(owner, variant, LSTM_VARIANT);
  const { peephole, coupled, inputGate, forgetGate, outputGate } = variant;
  const without = Object.entries({ inputGate, forgetGate })
    .filter(([, there]) => there === false)
    .map(([name]) => name);
  if (coupled && without.length > 0) {
    throw new ArgumentError(
      `${owner}: coupled = true and ${without[0]} = false; a coupled input gate is 1 - f, which takes ` +
        'both gates: leave out one of the two options',
    );
  }
  if (peephole && [inputGate, forgetGate, outputGate].every((there) => there === false)) {
    throw new ArgumentError(
      `${owner}: peephole = true, and there is no gate to see the cell state; leave peephole out, or ` +
        'keep a gate',
    );
  }
}
