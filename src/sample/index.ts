export { readWriter, TextWriter } from './text_writer';
export type { SampleOptions } from '../train/sample_options';
