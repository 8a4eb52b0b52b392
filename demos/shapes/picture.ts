/** A recurrent network unrolled over an input: boxes in columns, from left to right as time goes. */

/** A step in time. */
export interface Column {
  /** What goes in, at the bottom; left out where nothing does. */
  readonly input?: string;
  /**
   * Whether the vocabulary lacks it, so that it stands as one of all that are unknown: training never had it, or, in the
   * tasks of tags and capitals, had it once.
   */
  readonly unknown?: boolean;
  /** Of an input that is a picture: grey values of a square, row by row from the top, each from 0 to 1. */
  readonly pixels?: readonly number[];
  /** What comes out, at the top; left out where nothing does. */
  readonly output?: string;
  /** What the output stands for, where it is a code. */
  readonly meaning?: string;
  /** How sure the output is, 0 to 1, where that is known. */
  readonly sure?: number;
  /** How much this input moved the answer, from 0 to 1, where that is known. */
  readonly moved?: number;
}

export interface Picture {
  readonly columns: readonly Column[];
  /** The state goes from column to column, or also back; or there is none, and nothing is passed on. */
  readonly recurrence: 'forward' | 'both' | 'none';
  /** The first column of a decoder, which takes a state over and is fed its own outputs. */
  readonly decoder?: number;
  /** Columns whose state the one output is made from too, besides that of its own column. */
  readonly reads?: readonly number[];
  /** Of each output of the decoder: how much it looked at each column before, adding up to 1. */
  readonly attention?: readonly (readonly number[])[];
}

/** What flows through the boxes, in words: the shape of each. */
export interface Shapes {
  readonly input: string;
  readonly state: string;
  readonly output: string;
}

/** Whether the state goes back from the column after this one: a decoder is handed it, and goes forward alone. */
export const readsBack = ({ recurrence, decoder }: Picture, column: number): boolean =>
  recurrence === 'both' && (decoder === undefined || column + 1 < decoder);
