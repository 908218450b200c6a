import { type ChangedRow, changeBudgets, type PathSettings, stepAgainst } from './change-path.js';
import { askLabels, type LabelledSamples, type LabelMeasurement, type LabelOracle, rowWidth } from './label-oracle.js';
import { type SurrogateModels, type SurrogateRoles, surrogateRoles } from './surrogate-models.js';

export interface TransferSettings extends PathSettings {
  /** Confidences, descending: a sample is changed until validation models have no more than each in its label. */
  readonly thresholds: readonly number[];
  /** Told how far along the samples in hand are, 0 to 1. */
  readonly onProgress?: (share: number) => void;
}

export interface TransferMeasurement extends LabelMeasurement {
  /** Pairs of a sample and a threshold that the largest change does not reach. */
  readonly unreached: number;
}

/**
 * How long the target holds on to a sample's label while the sample is changed until models that never saw it let go. Of
 * the models not trained on a sample some (sources) give the direction, by signs of gradients with momentum; the others
 * (validation models) say when it is enough: once their mean confidence in the label is no more than a threshold. The
 * target is asked once for what has then become of the sample.
 *
 * @returns (n) 0 where the target errs on the sample itself; else one more than the number of thresholds at which it
 *   still says the label. Higher = more member-like. At most thresholds + 2 values, so samples tie. A threshold that the
 *   largest change does not reach is not asked about and not counted: nothing was shown there. At most one query for the
 *   sample itself and one for each threshold; thresholds crossed in one step share theirs.
 * @throws ENG_ATTACK_NOT_APPLICABLE too few models were not trained on a sample.
 * @see Peng et al. 2024, "OSLO: One-Shot Label-Only Membership Inference Attacks": source and validation models, a change
 *   as large as each sample needs, one query. Our own: one path of steps on a log scale, gradients of the logit-scaled
 *   confidence rather than of the loss, several thresholds counted together, the sample itself asked about first, and
 *   what is not reached not counted.
 */
export async function transferAttack(
  samples: LabelledSamples,
  oracle: LabelOracle,
  surrogates: SurrogateModels,
  settings: TransferSettings,
): Promise<TransferMeasurement> {
  const { thresholds, range } = settings;
  const { labels } = samples;
  const width = rowWidth(oracle);
  const roles = Array.from(labels, (_, i) => surrogateRoles(surrogates, samples.first + i));
  const changed = samples.inputs.slice();
  const momentum = new Float32Array(changed.length);
  const rowOf = (i: number): ChangedRow => {
    const [start, end] = [i * width, (i + 1) * width];
    const [values, origin] = [changed.subarray(start, end), samples.inputs.subarray(start, end)];
    return { values, origin, momentum: momentum.subarray(start, end) };
  };
  const values = new Float64Array(labels.length);
  /** Of each sample the thresholds the validation models are past. */
  const passed = new Uint8Array(labels.length);
  let queries = 0;
  /** Adds to the score of each sample asked about that the target still gives its label, as it has become. */
  const ask = async (worth: ReadonlyMap<number, number>) => {
    const asked = [...worth.keys()];
    const write = (at: number, row: Float32Array) => row.set(rowOf(asked[at]).values);
    await askLabels(oracle, asked.length, write, (at, label) => {
      const i = asked[at];
      if (label === labels[i]) values[i] += worth.get(i)!;
    });
    queries += asked.length;
  };

  await ask(new Map([...labels.keys()].map((i) => [i, 1])));
  let pending = [...labels.keys()].filter((i) => values[i] > 0);
  const budgets = changeBudgets(settings);
  for (let t = 0; t <= budgets.length && pending.length > 0; t += 1) {
    const seen = await lookAtSurrogates({ width, labels, changed, roles, surrogates }, pending);
    const newly = new Map<number, number>();
    pending.forEach((i, at) => {
      const past = thresholds.filter((threshold) => seen.confidence[at] <= threshold).length;
      if (past <= passed[i]) return;
      newly.set(i, past - passed[i]);
      passed[i] = past;
    });
    // Of a sample as it was the answer is known.
    if (t > 0) await ask(newly);
    else for (const [i, worth] of newly) values[i] += worth;
    if (t < budgets.length) {
      const size = budgets[t] - (t === 0 ? 0 : budgets[t - 1]);
      pending.forEach((i, at) => {
        const gradient = seen.gradients.subarray(at * width, (at + 1) * width);
        stepAgainst(gradient, rowOf(i), { size, budget: budgets[t], range });
      });
    }
    pending = pending.filter((i) => passed[i] < thresholds.length);
    settings.onProgress?.((t + 1) / (budgets.length + 1));
  }
  const unreached = pending.reduce((sum, i) => sum + thresholds.length - passed[i], 0);
  return { values, queries, unreached };
}

interface Looked {
  readonly width: number;
  readonly labels: Int32Array;
  /** (n, width) the samples as they have become. */
  readonly changed: Float32Array;
  readonly roles: readonly SurrogateRoles[];
  readonly surrogates: SurrogateModels;
}

/** Of each pending sample the validation models' mean confidence (m), and the sum of the sources' gradients (m, width). */
async function lookAtSurrogates({ width, labels, changed, roles, surrogates }: Looked, pending: readonly number[]) {
  const confidence = new Float64Array(pending.length);
  const gradients = new Float32Array(pending.length * width);
  for (let model = 0; model < surrogates.models; model += 1) {
    const asked = [...pending.keys()].filter((at) => {
      const { sources, validation } = roles[pending[at]];
      return sources.includes(model) || validation.includes(model);
    });
    if (asked.length === 0) continue;
    const rows = new Float32Array(asked.length * width);
    asked.forEach((at, k) => {
      rows.set(changed.subarray(pending[at] * width, (pending[at] + 1) * width), k * width);
    });
    const truth = Int32Array.from(asked, (at) => labels[pending[at]]);
    const answers = await surrogates.ask(model, rows, truth);
    asked.forEach((at, k) => {
      const { validation } = roles[pending[at]];
      if (validation.includes(model)) confidence[at] += answers.confidence[k] / validation.length;
      else for (let j = 0; j < width; j += 1) gradients[at * width + j] += answers.gradients[k * width + j];
    });
  }
  return { confidence, gradients };
}
