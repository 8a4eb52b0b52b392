import { signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';

import program from '../../../docs/examples/read_captions.ts?raw';
import { Random } from '../../../src/random';
import { wholePercent } from '../../learn/percent';
import { draw, parse, SIDE } from '../../tasks/captions/shapes';
import { Drawing, imageOf } from '../drawing';
import type { Colour } from '../drawing';
import type { CaptionReply } from '../lessons/captions';
import type { Topic } from '../topic';
import { NOTHING_SAID } from './pairs';
import { unsureTold } from './unsure';

type Pixels = readonly number[];

const GROUND = 0.12;
const EMPTY: Pixels = new Array<number>(3 * SIDE * SIDE).fill(GROUND);

const COLOURS: Readonly<Record<string, Colour>> = {
  red: [0.9, 0.15, 0.15],
  green: [0.15, 0.75, 0.2],
  blue: [0.2, 0.3, 0.95],
  yellow: [0.95, 0.85, 0.15],
  purple: [0.6, 0.2, 0.75],
  white: [0.95, 0.95, 0.95],
};
const colour = signal('red');

const drawn = (caption: string): Pixels => Array.from(draw(parse(caption), new Random(3)).pixels);

const SCENES = [
  'a small red circle left of a big blue circle',
  'a big white triangle above a small green square',
  'a big yellow square right of a small purple circle',
];

const css = (shade: Colour): string => `rgb(${shade.map((value) => 255 * value).join(' ')})`;

function Ask({ input, give }: { input: Pixels; give: (input: Pixels) => void }) {
  return (
    <div class="draw">
      <Drawing
        label="A picture of 24 by 24 pixels to draw two things in: one in the middle, one beside it"
        side={SIDE}
        pixels={input}
        colour={COLOURS[colour.value]}
        radius={1.5}
        draw={give}
      />
      <div>
        <div class="palette" role="group" aria-label="Colour">
          {Object.entries(COLOURS).map(([name, shade]) => (
            <button
              key={name}
              type="button"
              aria-label={name}
              aria-pressed={colour.value === name}
              style={{ background: css(shade) }}
              onClick={() => (colour.value = name)}
            />
          ))}
        </div>
        <button type="button" onClick={() => give(EMPTY)}>
          Clear
        </button>
        <p class="note">
          Draw one thing in the middle and another left, right, above or below: circles, squares and
          triangles are all it knows. It never saw a picture of one thing, and invents a second. Or
          have one drawn:
        </p>
        {SCENES.map((scene) => (
          <button key={scene} type="button" class="small" onClick={() => give(drawn(scene))}>
            {scene}
          </button>
        ))}
      </div>
    </div>
  );
}

/** The pixels as the address of an image. */
function pictureOf(pixels: Pixels): string {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  canvas.getContext('2d')!.putImageData(imageOf(pixels, SIDE), 0, 0);
  return canvas.toDataURL();
}

/** A copy of the picture for each word, faded where the network did not look to say it. */
function Looks({ input, words }: { input: Pixels; words: CaptionReply['words'] }) {
  const picture = useMemo(() => pictureOf(input), [input]);
  const across = Math.sqrt(words[0]?.looks.length ?? 1);
  const size = SIDE / across;
  return (
    <div class="looks">
      {words.map(({ word, looks }, i) => (
        <figure key={i}>
          <svg viewBox={`0 0 ${SIDE} ${SIDE}`} aria-hidden="true">
            <image href={picture} width={SIDE} height={SIDE} />
            {looks.map((look, p) => (
              <rect
                key={p}
                class="veil"
                x={(p % across) * size}
                y={Math.floor(p / across) * size}
                width={size}
                height={size}
                style={{ opacity: 0.85 * (1 - Math.min(1, look)) }}
              />
            ))}
          </svg>
          <figcaption>{word}</figcaption>
        </figure>
      ))}
    </div>
  );
}

/** What is written: the words, and how it ends. */
const wordsOf = (reply: CaptionReply | null): string[] =>
  reply ? [...reply.words.map(({ word }) => word), reply.finished ? 'end' : '…'] : [''];

export const captions: Topic<Pixels, CaptionReply> = {
  name: 'captions',
  title: 'A picture described',
  shape: 'one-to-many',
  question:
    'What is in the picture? It is said word by word, until the network says that it is done.',
  lecture:
    'The picture is the first state, and from there on each word is made from the state and from the word ' +
    'before. Attention lets a word look at the picture again: the colour of the second thing is read ' +
    'where the second thing is. It ends by saying “end”, which was learnt like a word.',
  metric: 'captions right',
  format: wholePercent,
  inputs: [drawn(SCENES[0])],
  program,
  switches: [],
  Ask,
  picture: (_input, reply) => ({
    columns: wordsOf(reply).map((output, i) => ({
      output,
      ...(i === 0 && { input: 'picture' }),
    })),
    recurrence: 'forward',
    decoder: 0,
  }),
  shapes: () => ({
    input: 'x: [batch, 9, 32], nine patches of the picture as vectors',
    state: 'h_t: [batch, 128], which begins as all patches together',
    output: 'logits: [batch, words] at every step',
  }),
  Reply: ({ input, reply: { words, choices } }) => (
    <>
      {words.length > 0 && (
        <>
          <Looks input={input} words={words} />
          <p class="note">
            Each word has a copy of the picture: what is not faded is where the network looked for
            it.
          </p>
        </>
      )}
      <p class="note">The likeliest captions:</p>
      <ul class="choices">
        {choices.slice(0, 3).map(({ caption, probability }) => (
          <li key={caption}>
            {wholePercent(probability)} {caption}
          </li>
        ))}
      </ul>
    </>
  ),
  said: ({ words, finished }) =>
    finished && words.length === 0
      ? NOTHING_SAID
      : `${words.map(({ word }) => word).join(' ')}${finished ? '' : ' … it found no end'}`,
  doubts: ({ choices: [likeliest] }) => unsureTold('the likeliest caption', likeliest.probability),
};
