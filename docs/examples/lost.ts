/** A training that outlives its device: a GPU may be lost at any time, as its driver is restarted or a laptop sleeps. */
import { DeviceLostError, openDevice } from 'lethe';
import { CharTrainer, readCheckpoint, resumeTraining, saveCheckpoint } from 'lethe/train';

const text = 'the river ran to the sea, and the sea ran to the shore. '.repeat(40);
let device = await openDevice('auto');
let trainer = new CharTrainer(device, text, { hidden: 32, batch: 4, seq: 16, steps: 300 });
let kept = await saveCheckpoint(trainer); // bytes: they are the way back
while (trainer.step < 300) {
  try {
    await trainer.trainStep();
    if (trainer.step % 100 === 0) {
      kept = await saveCheckpoint(trainer);
      console.log('step', trainer.step, 'on', device.kind);
    }
  } catch (error) {
    if (!(error instanceof DeviceLostError)) throw error;
    // Nothing on the old device can be read any more, nor need be freed.
    device = await openDevice('auto'); // the CPU, where the GPU does not come back
    trainer = resumeTraining(device, text, readCheckpoint(kept));
    console.log('lost; back at step', trainer.step);
  }
}
trainer.dispose();
device.dispose();
