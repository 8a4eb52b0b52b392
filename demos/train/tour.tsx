import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

import './tour.css';
import { endTour } from './tour_state';

interface Stop {
  /** What it is about; a stop whose place is not on the page is left out. */
  readonly place: string;
  readonly title: string;
  readonly text: string;
}

const STOPS: readonly Stop[] = [
  {
    place: '.choice',
    title: 'What to learn',
    text:
      'Choose a text, paste one of yours, or drop a file. The network learns one thing: which character ' +
      'comes next. Beside the texts are networks that are trained already.',
  },
  {
    place: '.controls',
    title: 'Start',
    text:
      'Press Start, and it reads some text at each step and corrects itself. Nothing leaves this page: ' +
      'your own computer does the work.',
  },
  {
    place: '.live',
    title: 'What it writes',
    text:
      'First noise, then words, then sentences. Colour tells how sure it was of each character; the slider ' +
      'goes back to what it wrote at earlier steps.',
  },
  {
    place: '.results .panel',
    title: 'How well it knows the text',
    text:
      'The loss is its surprise at the next character. The curve of the held-out text, which it never ' +
      'reads, counts: below the dashed line it knows more than any counting of character groups.',
  },
  {
    place: '.views',
    title: 'What it found out by itself',
    text:
      'Nobody told it what a quote is. Inside the cells you find the unit that is on from the opening ' +
      'quote to the closing one. Have a look once it has been trained for a minute.',
  },
];

const current = signal(0);

/** A card at the lower edge, which tells of one part of the page after the other and keeps none from being used. */
export function Tour() {
  const heading = useRef<HTMLHeadingElement>(null);
  const before = useRef(document.activeElement);
  const stops = STOPS.filter(({ place }) => document.querySelector(place) !== null);
  const at = Math.min(current.value, stops.length - 1);
  const { place, title, text } = stops[at];
  useEffect(() => {
    current.value = 0;
    return () => {
      if (before.current instanceof HTMLElement && before.current.isConnected)
        before.current.focus();
    };
  }, []);
  useEffect(() => {
    const target = document.querySelector(place);
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    target?.scrollIntoView({ block: 'center', behavior: still ? 'auto' : 'smooth' });
    target?.classList.add('tour-place');
    heading.current?.focus({ preventScroll: true });
    return () => target?.classList.remove('tour-place');
  }, [place]);
  const last = at === stops.length - 1;
  return (
    <aside
      class="panel tour"
      aria-label="Tour"
      onKeyDown={(event) => {
        if (event.key === 'Escape') endTour();
      }}
    >
      <h2 ref={heading} tabIndex={-1}>
        {title}
      </h2>
      <p>{text}</p>
      <div class="tour-commands">
        <span class="hint">
          {at + 1} of {stops.length}
        </span>
        {at > 0 && (
          <button type="button" onClick={() => (current.value = at - 1)}>
            Back
          </button>
        )}
        {!last && (
          <button type="button" onClick={endTour}>
            Skip
          </button>
        )}
        <button
          type="button"
          class="primary"
          onClick={() => (last ? endTour() : (current.value = at + 1))}
        >
          {last ? 'Done' : 'Next'}
        </button>
      </div>
    </aside>
  );
}
