import { gradientFlow, stepGradient } from '../../../src/inspect/index';
import { Streams, Vocabulary } from '../../../src/text/index';
import { CELL_FACTS } from '../../../src/nn/cells/facts';
import { DEFAULTS, forgetBiasOf } from '../../../src/train/config';
import { CELL_NAMES, completeConfig } from '../../../src/train/index';
import type { CellName, CharModel, TrainConfig } from '../../../src/train/index';
import { answer } from '../../shared/answer';
import { capped, modelOf, onCpu, snapshot } from '../model_copy';
import type { Run } from '../run';
import { macrotask } from '../../shared/macrotask';
import type { FlowCurve, FlowService, FlowText } from './protocol';

/** Windows of text that a norm is averaged over. */
const WINDOWS = 8;
/** What a new model is held to, so that the page answers at once. */
const MOST = { hidden: 128, embedding: 128, layers: 4 } as const;

/** Measures gradients through time, on the CPU. */
export function flowService(run: () => Run | undefined): FlowService {
  return {
    fresh: ({ train, gain, ...text }) =>
      answer(() =>
        onCpu(async (device) => {
          const vocabulary = Vocabulary.fromText(text.text);
          const curves: FlowCurve[] = [];
          const chosen = train.cell ?? DEFAULTS.cell;
          for (const cell of comparedWith(chosen)) {
            const forgetBias = forgetBiasOf(cell, train.forgetBias ?? null);
            const config = capped(completeConfig({ ...train, cell, forgetBias }), MOST);
            const model = modelOf(device, vocabulary.size, config);
            await scaleRecurrent(model, gain);
            curves.push(await measure(model, config, vocabulary, text));
            await macrotask();
          }
          return curves;
        }),
      ),

    ofRun: (text) =>
      answer(async () => {
        const taken = await run()?.look(snapshot);
        if (!taken) return null;
        const { config, vocabulary, step, parameters } = taken;
        return onCpu(async (device) => {
          const model = modelOf(device, vocabulary.size, config, { parameters });
          return { ...(await measure(model, config, vocabulary, text)), step };
        });
      }),
  };
}

/** The cells that comparisons begin with, and the one that was chosen. */
function comparedWith(chosen: CellName): CellName[] {
  return CELL_NAMES.filter((name) => CELL_FACTS[name].compared || name === chosen);
}

/** Scales what multiplies the output before: the recurrent weights, or the vectors of a cell without. */
async function scaleRecurrent(model: CharModel, gain: number): Promise<void> {
  for (const { weight_hh, vectors } of model.rnn.cells) {
    for (const weights of weight_hh ? [weight_hh] : Object.values(vectors)) {
      weights.write((await weights.data()).map((value) => gain * value));
    }
  }
}

async function measure(
  model: CharModel,
  { cell, hidden, layers }: TrainConfig,
  vocabulary: Vocabulary,
  { text, seq, clip }: FlowText,
): Promise<FlowCurve> {
  const window = new Streams(vocabulary.encode(text), { batch: WINDOWS, seq }).next();
  const { norms } = await gradientFlow(model, window);
  const whole = await stepGradient(model, window, clip > 0 ? clip : Infinity);
  return { cell, hidden, layers, norms, whole };
}
