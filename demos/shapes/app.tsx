import { Header } from '../shared/header';
import { narrow } from '../shared/narrow';
import { Notice } from '../shared/notice';
import { GradientFields, outputShown } from './gradient_fields';
import { gradientProblem, gradients } from './gradient_state';
import { Schematic } from './schematic';
import { SHAPES } from './shapes';
import {
  answering,
  entry,
  give,
  input,
  lesson,
  ownAnswers,
  problem,
  reply,
  choose,
  topic,
  waiting,
} from './state';
import { OwnName } from './ask_text';
import { NextFrame } from './next_frame';
import { DrawnNote } from './drawn_note';
import type { Topic } from './topic';
import { TOPICS } from './topics';
import { TrainingPanel } from './training_panel';
import { Unrolled } from './unrolled';
import { showing, ShowingFields } from './showing';

/** The five pictures, and the one that is chosen, alive. */
export function App() {
  const shape = SHAPES.find(({ name }) => name === entry.value.shape)!;
  return (
    <>
      <Header
        current="Shapes"
        tagline="Five shapes of sequence task: pick a picture, and ask a network, or watch one learn."
      />
      <main class="shapes">
        {!lesson && <ShapeChoice />}
        <section class="panel stage" aria-labelledby="shape-title">
          <h2 id="shape-title">{shape.title}</h2>
          <ShapeLecture text={shape.lecture} />
          {!lesson && <TopicChoice />}
          <Stage />
        </section>
        <TrainingPanel />
      </main>
    </>
  );
}

/** On a phone it is folded, so that the input is on the first screen. */
function ShapeLecture({ text }: { text: string }) {
  if (!narrow.value) return <p class="lecture">{text}</p>;
  return (
    <details class="lecture">
      <summary>About this shape</summary>
      <p>{text}</p>
    </details>
  );
}

function ShapeChoice() {
  return (
    <nav class="shape-choice" aria-label="Shapes">
      {SHAPES.map(({ name, title, summary, schematic }) => {
        const first = TOPICS.find(({ shape }) => shape === name);
        return (
          <button
            key={name}
            type="button"
            disabled={!first}
            aria-pressed={name === entry.value.shape}
            onClick={() => void choose(first!)}
          >
            <Schematic picture={schematic} />
            <strong>{title}</strong>
            <span>{summary}</span>
          </button>
        );
      })}
    </nav>
  );
}

/** The tasks of the shape that is shown. */
function TopicChoice() {
  const tasks = TOPICS.filter(({ shape }) => shape === entry.value.shape);
  if (tasks.length < 2) return null;
  return (
    <div class="topic-choice" role="group" aria-label="Tasks of this shape">
      {tasks.map((one) => (
        <button
          key={one.name}
          type="button"
          aria-pressed={one === entry.value}
          onClick={() => void choose(one)}
        >
          {one.title}
        </button>
      ))}
    </div>
  );
}

/** The input, the network over it, and what it says. */
function Stage() {
  const shown = topic.value;
  if (!shown) return problem.value === null ? <p aria-busy="true">One moment …</p> : <Refused />;
  const { Ask, Reply } = shown;
  const found = reply.value;
  return (
    <>
      <p class="question">{ownAnswers.value?.found?.question ?? shown.question}</p>
      <OwnName.Provider value={ownAnswers.value?.name ?? null}>
        <Ask input={input.value} give={give} />
      </OwnName.Provider>
      <Examples />
      <Refused />
      <Unlike />
      <Network topic={shown} found={found} />
      <p class="said" aria-live="polite" aria-busy={waiting.value}>
        {found === null ? '' : shown.said(found)}
      </p>
      <Doubts />
      {Reply && found !== null && <NextFrame Reply={Reply} input={input.value} reply={found} />}
      {!ownAnswers.value && <p class="lecture">{shown.lecture}</p>}
    </>
  );
}

/** The network over the input, and what of it is shown. */
function Network({ topic: shown, found }: { topic: Topic; found: unknown }) {
  const { tensors, gradient } = showing;
  const picture = shown.picture(input.value, found, answering.value);
  const outputs = picture.columns.filter(({ output }) => output !== undefined).length;
  // While an answer comes, what is drawn are the columns of the one before.
  const known = gradients.value?.ahead.length === picture.columns.length ? gradients.value : null;
  return (
    <>
      <DrawnNote />
      <Unrolled
        picture={picture}
        label={found === null ? 'The network, before its answer' : shown.said(found)}
        shapes={tensors.value ? shown.shapes(answering.value) : undefined}
        gradient={gradient.value ? (known ?? 'way') : undefined}
        of={outputShown(outputs, picture)}
      />
      <ShowingFields />
      {gradientProblem.value !== null && <Notice tone="info">{gradientProblem.value}</Notice>}
      {gradient.value && known && <GradientFields picture={picture} gradients={known} />}
    </>
  );
}

function Refused() {
  const message = problem.value;
  if (message === null) return null;
  return (
    <Notice tone={topic.value ? 'info' : 'alert'}>
      {/* What the library throws begins with a small letter. */}
      {message.charAt(0).toUpperCase() + message.slice(1)}
    </Notice>
  );
}

/** Told before the answer, and beside it; of an input that is refused, the refusal says enough. */
function Unlike() {
  const silent = ownAnswers.value !== null || problem.value !== null;
  const told = silent ? null : (topic.value!.unlike?.(input.value) ?? null);
  return told === null ? null : <Notice tone="info">{told}</Notice>;
}

function Doubts() {
  const found = reply.value;
  const told =
    found === null ? [] : (topic.value!.doubts?.(found, ownAnswers.value !== null) ?? []);
  return (
    <div class="doubts" aria-live="polite">
      {told.map((sentence) => (
        <p key={sentence}>{sentence}</p>
      ))}
    </div>
  );
}

function Examples() {
  const { inputs: known, written } = topic.value!;
  const inputs = ownAnswers.value?.found?.inputs ?? known;
  if (!written || inputs.length < 2) return null;
  return (
    <p class="examples">
      Try{' '}
      {inputs.map((one) => (
        <button key={written.text(one)} type="button" class="small" onClick={() => give(one)}>
          {written.text(one)}
        </button>
      ))}
    </p>
  );
}
