import { signal } from '@preact/signals';
import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';

import './choice.css';
import { FilePicker, TEXT_FILES } from '../shared/file_picker';
import { counted } from '../shared/format';
import { counting, settingsFit, source, statistics, textProblem } from './form';
import { lazily } from './lazy';
import { settingsInWords } from './settings_words';
import { hasModel, isOpen } from './store';
import { fileProblem, reading, setText, takeBundled, takeFile } from './text_store';
import { TEXTS } from './texts';
import { TrainedModels } from './trained_models';
import { endTour, touring, tourSeen } from './tour_state';

const Settings = lazily(async () => (await import('./settings')).Settings);
const TextEditor = lazily(async () => (await import('./text_editor')).TextEditor);

const dragging = signal(false);
/** Which folds are open. */
const textOpen = signal(false);
const settingsOpen = signal(false);

/** What to learn from, and the settings in a line: all that is to be chosen before Start. */
export function Choice() {
  const locked = isOpen.value;
  return (
    <section
      class={dragging.value ? 'choice dragging' : 'choice'}
      aria-label="Text and settings"
      onDragOver={(event) => {
        event.preventDefault();
        dragging.value = !locked;
      }}
      onDragLeave={() => (dragging.value = false)}
      onDrop={(event) => {
        event.preventDefault();
        dragging.value = false;
        const file = event.dataTransfer?.files[0];
        if (file && !locked) void takeFile(file);
      }}
    >
      <div class="choice-row">
        <Texts locked={locked} />
        <FilePicker
          name="Text file"
          accept={TEXT_FILES}
          disabled={locked}
          onFile={(file) => void takeFile(file)}
        >
          Open file…
        </FilePicker>
        {hasModel.value && <span class="hint">Reset first, to choose another text.</span>}
      </div>
      <TrainedModels />
      <p id="text-problem" class="wrong" aria-live="polite">
        {fileProblem.value ?? textProblem.value}
      </p>
      <div class="folds">
        <Fold name="settings-fold" open={settingsOpen}>
          Settings: <span class={settingsFit.value ? '' : 'wrong'}>{settingsInWords}</span>
        </Fold>
        <Fold name="text-fold" open={textOpen}>
          {locked ? 'Text' : 'Read or change it'}: <Facts />
        </Fold>
        <TourOffer />
        {settingsOpen.value && <Settings />}
        {textOpen.value && <TextEditor />}
      </div>
    </section>
  );
}

function TourOffer() {
  if (tourSeen.value || touring.value) return null;
  return (
    <span class="tour-offer">
      <button type="button" class="small" onClick={() => (touring.value = true)}>
        New here? Take the tour
      </button>
      <button type="button" class="small" onClick={endTour}>
        No, thanks
      </button>
    </span>
  );
}

/** A line that opens what stands below all of them. */
function Fold({
  name,
  open,
  children,
}: {
  name: string;
  open: Signal<boolean>;
  children: ComponentChildren;
}) {
  return (
    <button
      type="button"
      class={`fold ${name}`}
      aria-expanded={open.value}
      onClick={() => (open.value = !open.value)}
    >
      {children}
    </button>
  );
}

function Texts({ locked }: { locked: boolean }) {
  const { name } = source.value;
  const own = !TEXTS.some((text) => text.name === name);
  return (
    <fieldset class="texts" disabled={locked}>
      <legend>Text</legend>
      {TEXTS.map((text) => (
        <label key={text.id} class="chip" title={text.about}>
          <input
            type="radio"
            name="text"
            checked={text.name === name}
            onChange={() => void takeBundled(text)}
          />
          {text.title}
        </label>
      ))}
      <label class="chip">
        <input type="radio" name="text" checked={own} onChange={takeOwn} />
        Your own
      </label>
    </fieldset>
  );
}

/** An empty text, and the place to paste one. */
function takeOwn(): void {
  setText('your text', '');
  textOpen.value = true;
}

function Facts() {
  return <span id="text-facts">{factsInWords()}</span>;
}

function factsInWords(): string {
  const { name, text } = source.value;
  const { characters, distinct, lines } = statistics.value;
  if (reading.value !== null) return `reading ${reading.value}…`;
  if (text === '') return 'no text yet; paste one, or drop a file here';
  if (characters === 0 || counting.value) return `counting ${name}…`;
  const facts = [counted(characters, 'character'), `${distinct} distinct`, counted(lines, 'line')];
  return `${name}, ${facts.join(', ')}`;
}
