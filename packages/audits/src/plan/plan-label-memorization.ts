import type { Json, TaskInput } from '@engram/domain';
import type { LabelMemorizationDecisions } from '../decisions.js';
import type { Layout, TaskInputs } from './layout.js';

export function planLabelMemorization(
  layout: Layout,
  { randomLabels, noisyLabels, reviewShare, earlyLearning }: LabelMemorizationDecisions,
): TaskInputs {
  const chosen = layout.decisions.recipe!;
  const { members } = layout.audit;
  const train = (protocol: string, settings: { readonly [name: string]: Json }, modelEpochs: number) =>
    layout.add({
      kind: 'train-label-noise',
      inputs: { ...layout.targetInputs, ...layout.judgedInputs },
      params: { protocol, ...settings, recipe: chosen.recipe as unknown as Json },
      seed: layout.seed('label-noise', protocol),
      units: modelEpochs * members * layout.passCost(),
    });
  const inputs: Record<string, TaskInput> = { ...layout.judgedInputs };
  if (randomLabels !== null) {
    const { corruption, seeds, epochs } = randomLabels;
    inputs.randomLabels = train('randomLabels', randomLabels, corruption.length * seeds * epochs);
  }
  if (noisyLabels !== null) {
    const { flip, runs, epochs } = noisyLabels;
    // Every sample's gradient after every epoch costs about as much again as the training.
    inputs.noisyLabels = train('noisyLabels', { flip, runs }, 2 * 2 * runs * epochs);
  }
  const labelMemorization = layout.add({
    kind: 'score-label-memorization',
    inputs,
    params: {
      reviewShare,
      earlyLearning,
      recipe: chosen as unknown as Json,
      confidence: layout.audit.request.confidence,
    },
    seed: layout.seed('score-label-memorization'),
    units: members / 1000,
  });
  return { labelMemorization };
}
