import { signal } from '@preact/signals';

import { FilePicker } from '../shared/file_picker';
import { Latest } from '../shared/latest';
import { textOf } from './own_text';
import { findOwn, own, takeOwn, topic } from './state';

/** Of a file that is read in a page. */
const MOST_BYTES = 20e6;

type Standing = { reading: string } | { refused: string } | null;

const standing = signal<Standing>(null);
const latest = new Latest();
// A file for one task, and what was wrong with it, say nothing of another.
topic.subscribe(() => {
  latest.next();
  standing.value = null;
});

/** Reads a file and looks through it; the data before stay where it cannot be learnt. */
async function take(file: File): Promise<void> {
  const mine = latest.next();
  standing.value = { reading: file.name };
  const instead = 'give a part of it, or train on the whole of it with `lethe task`';
  const read = await textOf(file, MOST_BYTES, instead);
  const found = 'text' in read ? await findOwn({ name: file.name, text: read.text }) : read;
  if (!latest.is(mine)) return;
  standing.value = 'refused' in found ? found : null;
  if ('data' in found) takeOwn(found.data);
}

/** Data of one's own, which the next training takes in place of those that come along. */
export function OwnData() {
  const holds = topic.value!.own;
  if (holds === undefined) return null;
  const data = own.value;
  const now = standing.value;
  return (
    <div class="own">
      {data && (
        <p>
          The next training takes <b>{data.name}</b>: {data.found?.told}
        </p>
      )}
      <div class="commands">
        <FilePicker
          name="Data of your own"
          accept=".csv,.tsv,.txt,.jsonl,.json"
          disabled={false}
          onFile={(chosen) => void take(chosen)}
        >
          {data ? 'Another file …' : 'Train on data of your own …'}
        </FilePicker>
        {data && (
          <button type="button" onClick={() => takeOwn(null)}>
            Take the data that come along
          </button>
        )}
      </div>
      <p class="note">
        A CSV file with a header, tab-separated values, or a JSON object on each line, with {holds}.
        It stays in this page.
      </p>
      {now && 'reading' in now && <p aria-busy="true">Looking through {now.reading} …</p>}
      {now && 'refused' in now && (
        <p class="wrong" role="alert">
          {now.refused}
        </p>
      )}
    </div>
  );
}
