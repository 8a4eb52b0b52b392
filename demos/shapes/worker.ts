import { serveLessons } from '../learn/serve';

serveLessons({
  sunspots: async () => (await import('./lessons/sunspots')).sunspots,
  digit: async () => (await import('./lessons/digit')).digit,
  captions: async () => (await import('./lessons/captions')).captions,
  names: async () => (await import('./lessons/names')).names,
  sentiment: async () => (await import('./lessons/sentiment')).sentiment,
  dates: async () => (await import('./lessons/dates')).dates,
  phones: async () => (await import('./lessons/phones')).phones,
  sums: async () => (await import('./lessons/sums')).sums,
  truecasing: async () => (await import('./lessons/truecasing')).truecasing,
  frames: async () => (await import('./lessons/frames')).frames,
  tags: async () => (await import('./lessons/tags')).tags,
});
