import type { ComponentType } from 'preact';

import type { Picture, Shapes } from './picture';
import type { ShapeName } from './shapes';
import type { SwitchName, Switches } from './switches';

/** A task of the page: what its worker's lesson learns, as one meets it. */
export interface Topic<Input = unknown, Reply = unknown> {
  /** Of the lesson in the worker, of the model's file, and in the address. */
  readonly name: string;
  readonly title: string;
  readonly shape: ShapeName;
  /** What is asked of the network, in a sentence. */
  readonly question: string;
  /** What a lecturer would put under the slide on this task. */
  readonly lecture: string;
  /** What the figure is called by which the best model is chosen, and how it is written. */
  readonly metric: string;
  readonly format: (value: number) => string;
  /** What the figure on the test data begins with that is set beside the baseline's; the monitored one when left out. */
  readonly tested?: string;
  /** Inputs to begin with; the first is the one that is shown. */
  readonly inputs: readonly Input[];
  /** What goes into the box, and back; an input that is no text leaves both out, and stays out of the address. */
  readonly written?: {
    readonly text: (input: Input) => string;
    readonly read: (text: string) => Input;
  };
  /** A program that reads a saved model, and asks it. */
  readonly program: string;
  /** What can be chosen of the network. */
  readonly switches: readonly SwitchName[];
  /** What a file of one's own must hold to be learnt in place of the data that come along. */
  readonly own?: string;
  /** What in an input is unlike all that the data that come along have, in a sentence; null where nothing is. */
  unlike?(input: Input): string | null;
  /** How one gives an input. */
  readonly Ask: ComponentType<{ input: Input; give: (input: Input) => void }>;
  /** The network over this input; `reply` is null before there is one. */
  picture(input: Input, reply: Reply | null, switches: Switches): Picture;
  /** Of the network that the switches make. */
  shapes(switches: Switches): Shapes;
  /** What there is to see of a reply besides the picture. */
  readonly Reply?: ComponentType<{ input: Input; reply: Reply }>;
  /** The reply in a sentence, for who cannot see the picture. */
  said(reply: Reply): string;
  /**
   * What tells not to rely on the reply, in sentences.
   *
   * @param own whether data of one's own were learnt by the network that replied.
   */
  doubts?(reply: Reply, own: boolean): readonly string[];
}
