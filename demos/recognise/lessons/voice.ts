import { ArgumentError } from 'lethe';

import type { Lesson } from '../../learn/lesson';
import type { Recogniser } from '../../tasks/recognition/recogniser';
import type { RecognitionMeta } from '../../tasks/recognition/task';
import { spoken } from '../../tasks/spoken/index';
import { FEATURES, soundToFrames } from '../../tasks/spoken/log_mel';
import { DIGITS, drawStrings } from '../../tasks/spoken/strings';
import type { Clip, SpokenData } from '../../tasks/spoken/strings';
import type { Reading, Spoken, Take, VoiceSettings } from '../protocol';
import { readingOf } from './reading';

/** Strings of digits that are put together of the takes, to learn from and to test on. */
const [STRINGS, TEST_STRINGS] = [600, 100];

/** Digits in the visitor's own voice; there is no model that is ready for it. */
export const voice: Lesson<VoiceSettings, Spoken, Reading, Recogniser, RecognitionMeta> = {
  example(settings) {
    if (!settings) return spoken;
    return { ...spoken, load: async () => ofTakes(settings.takes) };
  },
  evaluations: 32,
  answer: (model, meta, { sound, text }) =>
    readingOf(model, meta, soundToFrames(sound.samples, sound.sampleRate), text),
};

/** The last round is what is tested on. */
function ofTakes(takes: readonly Take[]): SpokenData {
  const last = Math.max(...takes.map(({ round }) => round));
  const clips = takes.map(({ digit, samples, sampleRate }): Clip => {
    return { digit, samples, sampleRate, speaker: 'you' };
  });
  const learnt = clips.filter((_, i) => takes[i].round < last);
  const held = clips.filter((_, i) => takes[i].round === last);
  if (learnt.length === 0 || held.length === 0) {
    throw new ArgumentError('say each digit twice at least: one is learnt from, one tested on');
  }
  return {
    train: drawStrings(learnt, STRINGS, 1, true),
    valid: drawStrings(held, TEST_STRINGS, 2, false),
    test: drawStrings(held, TEST_STRINGS, 3, false),
    ...{ clips: learnt, features: FEATURES, alphabet: DIGITS },
  };
}
