import type { Json, TaskInput } from '@engram/domain';
import type { PrivacyBoundsDecisions } from '../decisions.js';
import type { Layout, TaskInputs } from './layout.js';
import { planBlindBaseline } from './plan-blind-baseline.js';
import { planMeasures } from './plan-measures.js';

export function planPrivacyBounds(layout: Layout, decisions: PrivacyBoundsDecisions, signals: TaskInput): TaskInputs {
  // Trials are no samples of their own: there is nothing a blind classifier could look at.
  const blind: TaskInputs = decisions.design === 'oneRun' ? { blind: planBlindBaseline(layout) } : {};
  const privacyBounds = layout.add({
    kind: 'bound-privacy',
    inputs: { ...layout.rowInputs, signals, ...blind, ...planMeasures(layout, [decisions.score]) },
    params: { decisions: decisions as unknown as Json },
    seed: layout.seed('bound-privacy'),
    units: layout.samples / 1000,
  });
  return { privacyBounds };
}
