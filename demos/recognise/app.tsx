import { useEffect } from 'preact/hooks';

import { Header } from '../shared/header';
import { Pad, PadTools } from './pad';
import { Pictures } from './pictures';
import type { LessonName } from './protocol';
import { ReadingView } from './reading_view';
import { LESSONS } from './lesson_facts';
import { choose, lesson } from './store';
import { Training } from './training';
import { Voice } from './voice';

const NAMES = Object.keys(LESSONS) as LessonName[];

/** The page: a box to write in, what is read, and how a network learns to. */
export function App() {
  useEffect(() => void choose(lesson.peek()), []);
  return (
    <>
      <Header
        current="Recognisers"
        tagline="Write by hand: a small recurrent network reads it as you write."
      />
      <main class="recognise">
        <section class="panel writing" aria-labelledby="writing-title">
          <h2 id="writing-title">{lesson.value === 'voice' ? 'Say digits' : 'Write here'}</h2>
          <div class="choices" role="radiogroup" aria-label="What is read">
            {NAMES.map((name) => (
              <label key={name}>
                <input
                  type="radio"
                  name="lesson"
                  checked={lesson.value === name}
                  onChange={() => void choose(name)}
                />
                {LESSONS[name].title}
              </label>
            ))}
          </div>
          {lesson.value === 'voice' ? (
            <Voice />
          ) : (
            <>
              <Pad />
              <PadTools />
            </>
          )}
          <ReadingView />
          <p class="note">
            <b>Greedy</b> takes the likeliest label of every frame: one path. <b>Beam search</b>{' '}
            adds up all paths that spell the same, and may come to another answer.
          </p>
        </section>
        <Training />
        <Pictures />
      </main>
    </>
  );
}
