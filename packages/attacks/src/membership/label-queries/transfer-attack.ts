import { changeBudgets, type PathSettings, stepAgainst } from './change-path.js';
import { askLabels, type LabelledSamples, type LabelMeasurement, type LabelOracle, rowWidth } from './label-oracle.js';
import { lookAtSurrogates, type SurrogateModels, surrogateRoles } from './surrogate-models.js';

export interface TransferSettings extends PathSettings {
  /** Confidences, descending: a sample is changed until validation models have on average each of them in its label. */
  readonly thresholds: readonly number[];
  /** Told how far along the samples in hand are, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

export interface TransferMeasurement extends LabelMeasurement {
  /** Pairs of a sample and a threshold that the largest change does not reach. */
  readonly unreached: number;
}

/** A question to the target: a sample on its way from one step to the next. */
interface Question {
  readonly sample: number;
  /** Of the way, 0 to 1. */
  readonly share: number;
}

/**
 * How long the target holds on to a sample's label while the sample is changed until models that never saw it let go. Of
 * the models not trained on a sample some (sources) give the direction, by signs of gradients with momentum; the others
 * (validation models) say when it is enough: where their mean confidence in the label comes down to a threshold. The
 * target is asked once for what has then become of the sample.
 *
 * @returns (n) 0 where the target errs on the sample itself; else one more than the number of thresholds at which it
 *   still says the label. Higher = more member-like. At most thresholds + 2 values, so samples tie. A threshold that the
 *   largest change does not reach is not asked about and not counted: nothing was shown there. At most one query for the
 *   sample itself and one for each threshold; none for those the validation models are below from the start.
 * @throws ENG_ATTACK_NOT_APPLICABLE too few models were not trained on a sample.
 * @see Peng et al. 2024, "OSLO: One-Shot Label-Only Membership Inference Attacks": source and validation models, a change
 *   as large as each sample needs, one query. Our own: one path of steps on a log scale; between two steps, the place
 *   where the log-odds of the mean confidence, taken as a straight line, come down to those of the threshold; gradients of
 *   the logit-scaled confidence rather than of the loss; several thresholds counted together; the sample itself asked
 *   about first; and what is not reached not counted.
 */
export async function transferAttack(
  samples: LabelledSamples,
  oracle: LabelOracle,
  surrogates: SurrogateModels,
  settings: TransferSettings,
): Promise<TransferMeasurement> {
  const { labels, inputs } = samples;
  const n = labels.length;
  const width = rowWidth(oracle);
  const [changed, before, momentum] = [inputs.slice(), inputs.slice(), new Float32Array(inputs.length)];
  const roles = Array.from(labels, (_, i) => surrogateRoles(surrogates, samples.first + i));
  const rowOf = (values: Float32Array, i: number) => values.subarray(i * width, (i + 1) * width);
  const values = new Float64Array(n);
  let queries = 0;
  const ask = async (questions: readonly Question[]) => {
    const write = (at: number, row: Float32Array) => {
      const { sample, share } = questions[at];
      const [from, to] = [rowOf(before, sample), rowOf(changed, sample)];
      for (let j = 0; j < width; j += 1) row[j] = from[j] + share * (to[j] - from[j]);
    };
    await askLabels(oracle, questions.length, write, (at, label) => {
      const { sample } = questions[at];
      values[sample] += Number(label === labels[sample]);
    });
    queries += questions.length;
  };

  await ask(Array.from(labels, (_, sample) => ({ sample, share: 0 })));
  const wanted = settings.thresholds.map((threshold) => Math.log(threshold / (1 - threshold)));
  /** Of each sample the thresholds the validation models are down to, and where they were a step ago. */
  const passed = new Uint8Array(n);
  const earlier = new Float64Array(n);
  const budgets = changeBudgets(settings);
  let pending = [...labels.keys()].filter((i) => values[i] > 0);
  for (let t = 0; t <= budgets.length && pending.length > 0; t += 1) {
    const { logOdds, gradients } = await lookAtSurrogates({ width, labels, changed, roles }, pending, surrogates);
    const questions: Question[] = [];
    pending.forEach((sample, at) => {
      for (; passed[sample] < wanted.length && logOdds[at] <= wanted[passed[sample]]; passed[sample] += 1) {
        // Of a sample as it was the answer is known.
        if (t === 0) values[sample] += 1;
        else {
          const way = earlier[sample] - logOdds[at];
          questions.push({ sample, share: (earlier[sample] - wanted[passed[sample]]) / way });
        }
      }
      earlier[sample] = logOdds[at];
    });
    await ask(questions);
    if (t < budgets.length) {
      const [budget, size] = [budgets[t], budgets[t] - (t === 0 ? 0 : budgets[t - 1])];
      pending.forEach((i, at) => {
        const row = { values: rowOf(changed, i), origin: rowOf(inputs, i), momentum: rowOf(momentum, i) };
        rowOf(before, i).set(row.values);
        stepAgainst(rowOf(gradients, at), row, { size, budget, range: settings.range });
      });
    }
    pending = pending.filter((i) => passed[i] < wanted.length);
    settings.onProgress?.((t + 1) / (budgets.length + 1));
  }
  const unreached = pending.reduce((sum, i) => sum + wanted.length - passed[i], 0);
  return { values, queries, unreached };
}
