import type { ShapeName } from './shapes';
import type { Topic } from './topic';

/** What the list of tasks says of one before it is loaded. */
export interface TopicEntry {
  readonly name: string;
  readonly title: string;
  readonly shape: ShapeName;
  readonly load: () => Promise<Topic>;
  /** Where a model that is ready lies. */
  readonly model: URL;
}

/** In the order of the page; the first of a shape is the one that is shown first. */
export const TOPICS: readonly TopicEntry[] = [
  {
    name: 'digit',
    title: 'A drawn digit',
    shape: 'one-to-one',
    load: async () => (await import('./topics/digit')).digit as Topic,
    model: new URL('./models/digit.safetensors', import.meta.url),
  },
  {
    name: 'sunspots',
    title: 'The next value of a series',
    shape: 'one-to-one',
    load: async () => (await import('./topics/sunspots')).sunspots as Topic,
    model: new URL('./models/sunspots.safetensors', import.meta.url),
  },
  {
    name: 'captions',
    title: 'A picture described',
    shape: 'one-to-many',
    load: async () => (await import('./topics/captions')).captions as Topic,
    model: new URL('./models/captions.safetensors', import.meta.url),
  },
  {
    name: 'names',
    title: 'Language of a name',
    shape: 'many-to-one',
    load: async () => (await import('./topics/names')).names as Topic,
    model: new URL('./models/names.safetensors', import.meta.url),
  },
  {
    name: 'sentiment',
    title: 'Feeling of a sentence',
    shape: 'many-to-one',
    load: async () => (await import('./topics/sentiment')).sentiment as Topic,
    model: new URL('./models/sentiment.safetensors', import.meta.url),
  },
  {
    name: 'dates',
    title: 'Dates to ISO',
    shape: 'many-to-many',
    load: async () => (await import('./topics/dates')).dates as Topic,
    model: new URL('./models/dates.safetensors', import.meta.url),
  },
  {
    name: 'phones',
    title: 'Letters to sounds',
    shape: 'many-to-many',
    load: async () => (await import('./topics/phones')).phones as Topic,
    model: new URL('./models/phones.safetensors', import.meta.url),
  },
  {
    name: 'sums',
    title: 'Sums',
    shape: 'many-to-many',
    load: async () => (await import('./topics/sums')).sums as Topic,
    model: new URL('./models/sums.safetensors', import.meta.url),
  },
  {
    name: 'tags',
    title: 'Parts of speech',
    shape: 'synchronous',
    load: async () => (await import('./topics/tags')).tags as Topic,
    model: new URL('./models/tags.safetensors', import.meta.url),
  },
  {
    name: 'truecasing',
    title: 'Capitals',
    shape: 'synchronous',
    load: async () => (await import('./topics/truecasing')).truecasing as Topic,
    model: new URL('./models/truecasing.safetensors', import.meta.url),
  },
  {
    name: 'frames',
    title: 'Frames of a clip',
    shape: 'synchronous',
    load: async () => (await import('./topics/frames')).frames as Topic,
    model: new URL('./models/frames.safetensors', import.meta.url),
  },
];

export const FIRST_TOPIC = 'dates';
