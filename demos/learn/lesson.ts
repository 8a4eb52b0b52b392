import type { Module } from '../../src/nn/index';
import type { Example } from '../tasks/example';
import type { Found, Gradients } from './protocol';

/** An example as a page trains it: with answers to draw, in place of lines of text. */
export interface Lesson<
  Settings = unknown,
  Input = unknown,
  Reply = unknown,
  M extends Module = Module,
  Meta = unknown,
> {
  /**
   * What is trained, by what the page has chosen; undefined for what the page opens with.
   *
   * @throws LetheError for settings that do not go together.
   */
  example(settings: Settings | undefined): Example;
  /**
   * What data of one's own hold, before they are learnt; null where the settings have none.
   *
   * @throws LetheError for data that cannot be learnt.
   */
  found?(settings: Settings): Found | null;
  /** Evaluations in a whole training; one for each epoch when left out. */
  readonly evaluations?: number;
  /**
   * An answer in plain values; the model is in evaluation mode, and may be half trained.
   *
   * @throws LetheError for an input that there is no answer to.
   */
  answer(model: M, meta: Meta, input: Input): Promise<Reply>;
  /**
   * The gradient of the logit behind one output of the answer; it leaves none in the model.
   *
   * @param output its place among the outputs, from 0; null for the first that a decoder writes, or else the last.
   */
  gradient?(model: M, meta: Meta, input: Input, output: number | null): Promise<Gradients>;
}
