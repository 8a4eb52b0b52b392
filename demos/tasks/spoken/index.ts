/**
 * Strings of spoken digits: log-mel features, read by a recogniser that was never told where a digit begins. Bundled
 * are voices by code; a folder of recordings takes their place.
 */
import { ArgumentError, Random } from 'lethe';

import type { Example } from '../example';
import { readingLines, readings } from '../recognition/readings';
import type { Recogniser } from '../recognition/recogniser';
import {
  describeUtterances,
  labelError,
  recognition,
  recognitionMeta,
  recognitionTraining,
} from '../recognition/task';
import type { RecognitionMeta } from '../recognition/task';
import { soundToFrames } from './log_mel';
import { joined, spokenData, synthesised } from './strings';
import type { SpokenData } from './strings';
import { templateReader } from './templates';

export const spoken: Example<SpokenData, RecognitionMeta, Recogniser> = {
  name: 'spoken',
  title: 'Spoken digits, several in a row: sound to labels by CTC',
  data:
    'Bundled: digits from a formant synthesiser, whose 90 voices differ in pitch, throat and pace; it has none of ' +
    'the variety of people, so its figures say nothing of speech. Real: the folder recordings of the Free Spoken ' +
    'Digit Dataset (github.com/Jakobovski/free-spoken-digit-dataset, CC BY-SA 4.0), WAV files DIGIT_SPEAKER_TAKE.wav; ' +
    'takes 0 to 4 are the test.',
  question: '40718',
  async load(source) {
    if (source !== undefined) {
      const { readRecordings } = await import('./load');
      return spokenData(await readRecordings(source));
    }
    return spokenData({
      train: synthesised(60, 4, 1),
      valid: synthesised(10, 2, 2),
      test: synthesised(20, 2, 3),
    });
  },
  describe: (data) =>
    `strings of ${data.clips.length} recordings by ${new Set(data.clips.map(({ speaker }) => speaker)).size} voices: ` +
    describeUtterances(data),
  baseline({ test, clips }) {
    const read = templateReader(clips);
    return {
      name: 'nearest recordings of the pieces between pauses, by time warping',
      metrics: { labelError: labelError(test.map(read), test) },
    };
  },
  meta: (data) =>
    recognitionMeta(data, {
      ...{ batchSize: 32, front: 0, cell: 'gru', hidden: 96, layers: 1, dropout: 0.3 },
    }),
  ...recognition,
  /** Digits are spoken by code and heard; the path of a WAV file has the model hear that one. */
  async ask(model, { alphabet }, input) {
    const given = input.trim();
    let sound;
    if (/\.wav$/i.test(given)) {
      sound = await (await import('./load')).readSound(given);
    } else if (/^[0-9]+$/.test(given)) {
      const said = synthesised(1, 1, 4);
      sound = joined(
        Array.from(given, (digit) => said[Number(digit)]),
        new Random(5),
        false,
      );
    } else {
      throw new ArgumentError(`spoken: --ask ${input}; give digits, or the path of a WAV file`);
    }
    const frames = soundToFrames(sound.samples, sound.sampleRate);
    return readingLines(await readings(model, frames), alphabet).join('\n');
  },
  training: { ...recognitionTraining, epochs: 10 },
};
