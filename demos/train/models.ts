/** A trained model that comes with the studio, of one of its texts; `scripts/train-models.mjs` made it. */
export interface StudioModel {
  /** In the address; the text's, too. */
  readonly id: string;
  /** As what a run began with. */
  readonly name: string;
  readonly title: string;
  /** What there is to see in it, in a line. */
  readonly about: string;
  readonly url: URL;
}

/** The one that a run began with; undefined where that is none of these. */
export const modelNamed = (given?: string) => MODELS.find(({ name }) => name === given);

export const MODELS: readonly StudioModel[] = [
  {
    id: 'story',
    name: 'the model of the story',
    title: 'Story',
    about: 'Spells, and has people talk, if not about much.',
    url: new URL('./models/story.safetensors', import.meta.url),
  },
  {
    id: 'code',
    name: 'the model of the code',
    title: 'Code',
    about: 'Writes TypeScript that nearly is: units for comments, brackets and indentation.',
    url: new URL('./models/code.safetensors', import.meta.url),
  },
  {
    id: 'loud',
    name: 'the model of the loud story',
    title: 'Loud',
    about: 'People SHOUT in it: one of its units is on from the opening quote to the closing one.',
    url: new URL('./models/loud.safetensors', import.meta.url),
  },
];
