import type { Ink } from '../tasks/pen/hand';

/** Mono samples from -1 to 1. */
export interface Sound {
  samples: Float32Array;
  /** In Hz. */
  sampleRate: number;
}

/** Writing to be read, and what it says where that is known. */
export interface Written {
  ink: Ink;
  text?: string;
}

/** Speech to be read. */
export interface Spoken {
  sound: Sound;
  text?: string;
}

/** A digit that the visitor said. */
export interface Take extends Sound {
  digit: number;
  /** Which time of this digit, from 0. */
  round: number;
}

/** How the frames may be lined up with the labels of a text. */
export interface Alignment {
  text: string;
  /** Blank, label, blank, and so on; a blank is ''. */
  states: readonly string[];
  /** [time, states] The share of all alignments, weighted by their probability, that are there. */
  posterior: Float32Array;
  /** [time] The state of each frame on the likeliest alignment. */
  path: readonly number[];
  /** -ln of the probability of the text, all its alignments together, in nats: the CTC loss. */
  loss: number;
}

/** What a model reads, with what it is read from. */
export interface Reading {
  time: number;
  /** The classes; the first is the blank, ''. */
  labels: readonly string[];
  /** [time, labels] */
  probabilities: Float32Array;
  /** [time, features] What the model was given. */
  frames: Float32Array;
  /** The likeliest label of each frame, merged; the probability is that of this one path. */
  greedy: { text: string; probability: number };
  /** The likeliest texts, the best first, all their paths together. */
  beam: readonly { text: string; probability: number }[];
  /** Of the text that is known, or else of the best of the beam; null where no alignment has a probability. */
  alignment: Alignment | null;
}

/** How a training in the page differs from the task's own: what there is to learn from. */
export interface PenSettings {
  /** Lines of handwriting. */
  lines: number;
}

export interface VoiceSettings {
  takes: readonly Take[];
}

/** The lessons of the page's worker. */
export type LessonName = 'digits' | 'letters' | 'voice';
