import { influenceOf, type MemorizationMeasure, strongestInfluences } from '@engram/attacks';
import type { InfluenceReport } from '@engram/contract';
import { clopperPearson } from '@engram/metrics';
import { studentQuantile } from '@engram/numeric';
import type { Bank, PopulationAnswers } from './bank.js';

const listed = 20;
/** Training samples kept for each test sample. */
const keptPerTest = 3;

export interface InfluenceInput {
  readonly bank: Bank;
  readonly population: PopulationAnswers;
  /** (n) NaN where a row is not judged, or was not measured. */
  readonly memorization: Float64Array;
  /** Of memorization; influence follows it as far as the population's answers allow. */
  readonly measure: MemorizationMeasure;
  readonly memorized: number;
  readonly influential: number;
  readonly confidence: number;
  readonly nameOf: (row: number) => { readonly sampleId: string; readonly dataset: string };
  readonly testIds: readonly string[];
}

export interface DescribedInfluence {
  readonly section: InfluenceReport;
  /** (n) the largest influence of each sample on a test sample. */
  readonly strongest: Float64Array;
}

/** Which memorised samples the answers on the population depend on, beside what chance alone would show. */
export function describeInfluence(input: InfluenceInput): DescribedInfluence {
  const { bank, population, memorization, memorized, influential, confidence } = input;
  const measure = input.measure === 'hard' && population.correct !== null ? 'hard' : 'soft';
  const answers = {
    models: bank.models,
    trainedOn: bank.trainedOn,
    answers: measure === 'hard' ? population.correct! : population.confidence,
  };
  const found = strongestInfluences(answers, { memorization, memorized, influential, perTest: keptPerTest });
  const rows = [...memorization.keys()].filter((row) => memorization[row] >= memorized);
  const strongest = rows
    .filter((row) => found.strongestInfluence[row] >= influential)
    .sort((a, b) => found.strongestInfluence[b] - found.strongestInfluence[a])
    .slice(0, listed);
  const share = (count: number) => clopperPearson(count, population.count, confidence);
  return {
    section: {
      measure,
      tests: population.count,
      threshold: influential,
      memorized: rows.length,
      pairs: found.pairs,
      mirroredPairs: found.mirroredPairs,
      testsReached: share(found.testsReached),
      mirroredTests: share(found.mirroredTests),
      strongest: strongest.map((row) => {
        const test = found.strongestTest[row];
        const { influence, standardError, freedom } = influenceOf(answers, row, test, measure);
        const half = studentQuantile((1 + confidence) / 2, freedom) * standardError;
        return {
          ...input.nameOf(row),
          testId: input.testIds[test],
          influence: {
            status: 'measured',
            value: influence,
            low: Math.max(-1, influence - half),
            high: Math.min(1, influence + half),
            confidence,
            n: bank.models,
            method: 'normal',
          },
        };
      }),
    },
    strongest: found.strongestInfluence,
  };
}
