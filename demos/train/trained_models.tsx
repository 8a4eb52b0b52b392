import { attempt, busy, mayEnd } from './attempt';
import { MODELS } from './models';
import type { StudioModel } from './models';
import { phase } from './store';

const open = async (model: StudioModel) => (await import('./open_model')).openModel(model);

/** Networks that come trained: to look into, to have write, to train on from. */
export function TrainedModels() {
  return (
    <div class="trained" role="group" aria-label="Trained networks">
      <span class="hint">or open a trained one:</span>
      {MODELS.map((model) => (
        <button
          key={model.id}
          type="button"
          class="small"
          title={model.about}
          aria-label={`Open ${model.name}`}
          disabled={busy.value || phase.value === 'opening'}
          onClick={() => mayEnd() && void attempt(() => open(model))}
        >
          {model.title}
        </button>
      ))}
    </div>
  );
}
