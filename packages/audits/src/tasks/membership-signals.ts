import {
  type MeasuredTarget,
  type MembershipSignals,
  measureKey,
  type PlannedMembershipAttack,
  type ReferenceSignals,
  type TargetMeasure,
  type TargetSignals,
} from '@engram/attacks';
import type { Bundle, NdArray, TypedArray } from '@engram/domain';
import type { AuditRows } from './audit-rows.js';
import { readBundle, type TaskContext } from './context.js';
import { type JoinedReferences, readReferences } from './read-references.js';
import { shownFeatures } from './shown-features.js';

/** All that the attacks of one audit read, over all rows, and where the reference models in it come from. */
export interface SignalsOfAudit {
  readonly signals: MembershipSignals;
  readonly references: JoinedReferences | null;
}

/** Joins what tasks left of target, references and further questions; what is costly to hold only where an attack asks. */
export async function readSignals(
  context: TaskContext,
  rows: AuditRows,
  collected: Bundle,
  attacks: readonly PlannedMembershipAttack[],
): Promise<SignalsOfAudit> {
  const required = new Set(attacks.flatMap(({ requires }) => requires.map(({ signal }) => signal)));
  const references = await readReferences(context, collected, required.has('referenceProbabilities'));
  const covariates = required.has('covariates') ? await shownFeatures(rows.parts) : null;
  const measured = await readMeasured(context);
  const label = arrayOf<Int32Array>(collected, 'label');
  const populationLoss = arrayOf<Float64Array>(collected, 'population.loss');
  const signals: MembershipSignals = {
    ...(label === undefined ? {} : { labels: label.data }),
    ...(rows.judged < rows.count ? { calibration: rows.calibration } : {}),
    ...(covariates === null ? {} : { covariates }),
    target: { ...targetSignals(collected), measured },
    ...(references === null
      ? {}
      : { reference: { ...references.signals, ...(await readReferenceMeasures(context, rows.count)) } }),
    ...(populationLoss === undefined || !references?.populationLoss
      ? {}
      : {
          population: {
            targetLoss: populationLoss.data,
            referenceLoss: references.populationLoss,
            lossUnder: populationUnder(collected, references.populationLossUnder),
          },
        }),
  };
  return { signals, references };
}

/** Losses of the population under other probabilities of the truth, where those of target and references are known. */
function populationUnder(collected: Bundle, ofReferences: JoinedReferences['populationLossUnder']) {
  return Object.fromEntries(
    Object.entries(ofReferences).flatMap(([key, referenceLoss]) => {
      const target = arrayOf<Float64Array>(collected, `population.${underPrefix}${key}`);
      return target === undefined ? [] : [[key, { targetLoss: target.data, referenceLoss }]];
    }),
  );
}

const underPrefix = 'lossUnder.';

function targetSignals(collected: Bundle): TargetSignals {
  const scaledConfidence = arrayOf<Float64Array>(collected, 'scaledConfidence');
  const logProbabilities = arrayOf<Float64Array>(collected, 'logProbabilities');
  const correct = arrayOf<Uint8Array>(collected, 'correct');
  const queryConfidence = arrayOf<Float64Array>(collected, 'queryConfidence');
  const loss = arrayOf<Float64Array>(collected, 'loss');
  const lossUnder = Object.entries(collected.arrays)
    .filter(([name]) => name.startsWith(underPrefix))
    .map(([name, losses]) => [name.slice(underPrefix.length), losses as NdArray<Float64Array>] as const);
  return {
    ...(loss === undefined ? {} : { loss: loss.data }),
    ...(scaledConfidence === undefined ? {} : { scaledConfidence: scaledConfidence.data }),
    ...(logProbabilities === undefined ? {} : { logProbabilities }),
    ...(correct === undefined ? {} : { correct: correct.data }),
    ...(collected.meta.squaredError === true ? { squaredError: true } : {}),
    ...(queryConfidence === undefined ? {} : { queryConfidence }),
    ...(lossUnder.length === 0 ? {} : { lossUnder: Object.fromEntries(lossUnder) }),
  };
}

function arrayOf<T extends TypedArray>({ arrays }: Bundle, name: string): NdArray<T> | undefined {
  return arrays[name] as NdArray<T> | undefined;
}

/** What the target was asked further, by the key of the measure that each task left with its values. */
async function readMeasured(context: TaskContext): Promise<MeasuredTarget> {
  const measured: Record<string, NdArray<Float64Array>> = {};
  for (const name of Object.keys(context.inputs).filter((input) => input.startsWith('measure.'))) {
    const { arrays, meta } = await readBundle(context, name);
    measured[measureKey(meta.measure as unknown as TargetMeasure)] = arrays.values as NdArray<Float64Array>;
  }
  return measured;
}

/** What reference models were asked further, model after model in the order of their numbers; none where they were not. */
async function readReferenceMeasures(context: TaskContext, n: number): Promise<Pick<ReferenceSignals, 'measured'>> {
  const values = new Map<string, Float64Array[]>();
  for (const name of Object.keys(context.inputs)
    .filter((input) => input.startsWith('referenceMeasure.'))
    .sort()) {
    const { arrays, meta } = await readBundle(context, name);
    const key = measureKey(meta.measure as unknown as TargetMeasure);
    values.set(key, [...(values.get(key) ?? []), arrays.values.data as Float64Array]);
  }
  if (values.size === 0) return {};
  const stacked = [...values].map(([key, parts]) => {
    const data = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      data.set(part, at);
      at += part.length;
    }
    return [key, { data, shape: [data.length / n, n] }] as const;
  });
  return { measured: Object.fromEntries(stacked) };
}
