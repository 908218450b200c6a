import {
  type MeasureKind,
  measureKey,
  mostSurrogates,
  parseAttackRequest,
  passesPerSample,
  type TargetMeasure,
} from '@engram/attacks';
import { EngramError, type Json, type TaskInput } from '@engram/domain';
import type { ChosenAttack } from '../decisions.js';
import { offeredReferenceMeasures } from '../preflight/membership/offered-measures.js';
import { type Layout, numbered, type TaskInputs } from './layout.js';
import { planReferenceWeights } from './plan-references.js';

/** What attacks ask of the target beyond a pass over the samples: attacks that ask the same share the task. */
export function planMeasures(layout: Layout, attacks: readonly ChosenAttack[]): TaskInputs {
  const tasks = targetMeasures(attacks).map((measure) =>
    layout.add({
      kind: 'measure-target',
      // A population is another question's business: with another one, the answers stay.
      inputs: {
        ...layout.targetInputs,
        ...(measure.kind === 'linearStatistics' ? layout.datasetInputs : layout.rowInputs),
        ...(measure.kind === 'transferAttack' ? planReferenceWeights(layout, bankOf(layout), mostSurrogates) : {}),
      },
      params: {
        measure: measure as unknown as Json,
        ...(measure.kind === 'transferAttack' ? { trainedOn: bankOf(layout).givenReferences } : {}),
      },
      seed: drawnMeasures.has(measure.kind) ? layout.seed('measure-target') : 0,
      units: layout.rows * passesPerSample(measure) * layout.passCost(),
    }),
  );
  return numbered('measure', tasks);
}

/** The reference models of the audit: preflight has seen to it that there are some where a measure wants them. */
function bankOf({ decisions }: Layout) {
  if (decisions.membership === null)
    throw new EngramError('ENG_INTERNAL', 'reference models were asked for by an audit that has none');
  return decisions.membership;
}

/**
 * What one attack asks of the target in closed form, asked of every reference model too: to learn from, or to be held
 * against with one of them in the target's place. Of models that cannot tell it nothing is asked.
 *
 * @param references tasks that ask reference models about the samples.
 */
export function planReferenceMeasures(
  layout: Layout,
  attack: ChosenAttack,
  references: readonly TaskInput[],
): TaskInputs {
  const offered = offeredReferenceMeasures(layout.audit);
  const measures = targetMeasures([attack]).filter(({ kind }) => offered.includes(kind));
  const tasks = measures.flatMap((measure) =>
    references.map((reference) => {
      const { inputs, units } = layout.taskOf(reference);
      const { model, architecture, weights } = inputs;
      return layout.add({
        kind: 'measure-target',
        inputs: { ...(model === undefined ? { architecture, weights } : { model }), ...layout.rowInputs },
        params: { measure: measure as unknown as Json },
        seed: 0,
        units: (units / (layout.asked * layout.queries)) * layout.rows * passesPerSample(measure),
      });
    }),
  );
  return numbered('referenceMeasure', tasks);
}

/** The measures of the target these attacks read, each once, in the order they are first named. */
function targetMeasures(attacks: readonly ChosenAttack[]): TargetMeasure[] {
  const found = new Map<string, TargetMeasure>();
  for (const { attack, params } of attacks)
    for (const requirement of parseAttackRequest({ attack, ...params }).requires)
      if (requirement.signal === 'measure') found.set(measureKey(requirement.measure), requirement.measure);
  return [...found.values()];
}

/** Kinds whose answer depends on what is drawn at random: the others are the same under every seed. */
const drawnMeasures: ReadonlySet<MeasureKind> = new Set(['noiseRobustness', 'boundaryDistance']);
