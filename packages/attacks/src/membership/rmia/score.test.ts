import assert from 'node:assert/strict';
import { test } from 'node:test';
import { probabilityKey } from '../loss-under.js';
import { toyMeasures, toySignals } from '../toy-signals.js';
import { rmiaOverForms } from './augmented-forms.js';
import { rmia } from './index.js';
import { standingAmong } from './population-standing.js';
import { rmiaScores } from './score.js';

const online = { mode: 'online', offlineA: 0.3 } as const;
const near = (actual: number, expected: number, tolerance = 1e-12) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

/** One sample, models in rows. */
function bank(probabilities: readonly number[], trainedOn: readonly number[]) {
  return {
    models: probabilities.length,
    trainedOn: Uint8Array.from(trainedOn),
    loss: Float64Array.from(probabilities, (p) => -Math.log(p)),
  };
}

test('online, p(x) is the mean over all references', () => {
  // p = 0.8 against a mean of (0.6 + 0.2) / 2 = 0.4.
  const [score] = rmiaScores(Float64Array.of(-Math.log(0.8)), bank([0.6, 0.2], [1, 0]), online);
  near(score, Math.log(2));
});

test('offline, p(x) is ((1 + a) p_out + 1 - a) / 2', () => {
  // a = 0.3 and p_out = 0.5: (1.3 * 0.5 + 0.7) / 2 = 0.675. The model trained with the sample is not read.
  const [score] = rmiaScores(Float64Array.of(0), bank([0.99, 0.5], [1, 0]), { mode: 'offline', offlineA: 0.3 });
  near(Math.exp(-score), 0.675);
});

test('offline with a = 1, p(x) is p_out even where its probability underflows', () => {
  const far = { models: 1, trainedOn: Uint8Array.of(0), loss: Float64Array.of(900) };
  const [score] = rmiaScores(Float64Array.of(800), far, { mode: 'offline', offlineA: 1 });
  near(score, 100, 1e-9);
});

test('references equal to the target give 0 for every sample', () => {
  const { target, reference } = toySignals(20, 4, 1);
  const loss = Float64Array.from({ length: 80 }, (_, at) => target.loss![at % 20]);
  for (const score of rmiaScores(target.loss!, { ...reference, loss }, online)) near(score, 0);
});

test('the share of the population never falls as r rises, whatever gamma, and the p-value never rises', () => {
  const { target, reference, population } = toySignals(200, 8, 2);
  const { models, trainedOn } = reference;
  const ratio = rmiaScores(target.loss!, reference, online);
  const ofPopulation = rmiaScores(population.targetLoss, { models, trainedOn, loss: population.referenceLoss }, online);
  const order = [...ratio.keys()].sort((i, j) => ratio[i] - ratio[j]);
  for (const gamma of [1, 2, 10]) {
    const { share, pValue } = standingAmong(ratio, ofPopulation, gamma);
    for (let at = 1; at < order.length; at += 1) {
      assert.ok(share[order[at]] >= share[order[at - 1]]);
      assert.ok(pValue[order[at]] <= pValue[order[at - 1]]);
    }
    assert.ok(share.every((value) => value >= 0 && value <= 1));
    assert.ok(pValue.every((value) => value > 0 && value <= 1));
  }
});

/** r(x) = 0.8/0.4 = 2 among r(z) = 0.5/0.5, 0.9/0.3, 0.2/0.4 = 1, 3, 0.5. */
const handmade = {
  target: { loss: Float64Array.of(-Math.log(0.8)) },
  reference: bank([0.6, 0.2], [1, 0]),
  population: {
    targetLoss: Float64Array.of(-Math.log(0.5), -Math.log(0.9), -Math.log(0.2)),
    referenceLoss: Float64Array.from([0.5, 0.3, 0.4, 0.5, 0.3, 0.4], (p) => -Math.log(p)),
  },
};

test('the share counts population samples whose ratio is exceeded gamma times', () => {
  // At gamma 1 two of three, at gamma 3 one of three. One of the three and the sample itself stand as high: 2 of 4.
  for (const [gamma, share] of [
    [1, 2 / 3],
    [3, 1 / 3],
  ]) {
    const planned = rmia.plan({ gamma });
    const scores = planned.score(handmade, { seed: 1 });
    const columns = planned.columns(handmade, scores, { seed: 1 });
    near(columns[`rmia-gamma${gamma}.populationShare`][0], share);
    near(columns[`rmia-gamma${gamma}.populationPValue`][0], 2 / 4);
  }
});

test('equal ratios count as standing as high in the p-value, and as exceeded once in the share', () => {
  const { share, pValue } = standingAmong(Float64Array.of(0, 1), Float64Array.of(0, 0, 1, -1), 1);
  assert.deepEqual([...share], [3 / 4, 1]);
  assert.deepEqual([...pValue], [4 / 5, 2 / 5]);
});

test('without a population there are no columns, and a gamma that was asked for is said to do nothing', () => {
  const { population, ...rest } = handmade;
  const planned = rmia.plan({ gamma: 4 });
  assert.deepEqual(planned.columns(rest, planned.score(rest, { seed: 1 }), { seed: 1 }), {});
  const offered = { labels: true, loss: true, scaledConfidence: true, probabilities: true };
  assert.match(planned.withoutEffect({ ...offered, population: 0 }) ?? '', /^gamma has no effect/);
  assert.equal(planned.withoutEffect({ ...offered, population: 3 }), null);
  assert.equal(rmia.plan().withoutEffect({ ...offered, population: 0 }), null);
});

test('with several forms there is a share and no p-value: a population sample has one form', () => {
  const signals = toySignals(40, 8, 5);
  const planned = rmia.plan({ queries: 18, mode: 'offline' });
  const columns = planned.columns(signals, planned.score(signals, { seed: 1 }), { seed: 1 });
  assert.deepEqual(Object.keys(columns), ['rmia-offline-queries18.populationShare']);
});

test('offline, p-values of samples like the population that no model was trained on are spread evenly', () => {
  const n = 2000;
  const { target, reference } = toySignals(2 * n, 8, 6, 0);
  const side = (from: number) => ({
    target: target.loss!.slice(from, from + n),
    loss: Float64Array.from({ length: 8 * n }, (_, at) => reference.loss[Math.floor(at / n) * 2 * n + from + (at % n)]),
  });
  const [audited, outside] = [side(0), side(n)];
  const signals = {
    target: { loss: audited.target },
    reference: { models: 8, trainedOn: new Uint8Array(8 * n), loss: audited.loss },
    population: { targetLoss: outside.target, referenceLoss: outside.loss },
  };
  const planned = rmia.plan({ mode: 'offline' });
  const columns = planned.columns(signals, planned.score(signals, { seed: 1 }), { seed: 1 });
  const pValues = columns['rmia-offline.populationPValue'];
  // Standard errors of at most 0.0112 from the samples and as much from the population: four of both are 0.063.
  for (const u of [0.1, 0.5, 0.9]) {
    const share = pValues.filter((p) => p <= u).length / n;
    assert.ok(Math.abs(share - u) < 0.063, `${share} at ${u}`);
  }
});

test('with several forms the score says which population samples most of the forms stand above', () => {
  const { target, reference, population } = toySignals(60, 8, 3);
  const { models, trainedOn } = reference;
  const params = { mode: 'offline', offlineA: 0.3 } as const;
  const ofPopulation = rmiaScores(population.targetLoss, { models, trainedOn, loss: population.referenceLoss }, params);
  const lossOf = (phi: Float64Array) => phi.map((value) => Math.log1p(Math.exp(-value)));
  for (const forms of [1, 2, 18]) {
    const scores = rmiaOverForms(target.queryConfidence!, reference, forms, params);
    const ratios = Array.from({ length: forms }, (_, form) => {
      const loss = Float64Array.from({ length: models * 60 }, (_, at) => {
        const model = Math.floor(at / 60);
        return reference.queryConfidence!.data[(model * 18 + form) * 60 + (at % 60)];
      });
      const phi = target.queryConfidence!.data.slice(form * 60, (form + 1) * 60);
      return rmiaScores(lossOf(phi), { models, trainedOn, loss: lossOf(loss) }, params);
    });
    for (const gamma of [1, 2])
      for (let i = 0; i < 60; i += 1)
        for (const z of ofPopulation) {
          const passed = ratios.filter((ratio) => ratio[i] - z >= Math.log(gamma)).length;
          assert.equal(passed > forms / 2, scores[i] - z >= Math.log(gamma));
        }
  }
});

test('asking about one form is asking about the sample, up to the float32 references keep', () => {
  const { target, reference } = toySignals(40, 8, 4);
  const once = rmiaScores(target.loss!, reference, online);
  rmiaOverForms(target.queryConfidence!, reference, 1, online).forEach((score, i) => {
    near(score, once[i], 1e-6);
  });
});

test('with other probabilities, forms and population are read under them', () => {
  const probability = { kind: 'taylor', temperature: 2 } as const;
  const requires = [{ signal: 'lossUnder', probability }] as const;
  const { target, reference, population } = toyMeasures(toySignals(60, 8, 8), requires, 8);
  const key = probabilityKey(probability);
  const { data, shape } = target.lossUnder![key];
  assert.deepEqual(shape, [18, 60]);
  const { models, trainedOn } = reference;
  const onForm = (form: number) => {
    const loss = Float64Array.from({ length: models * 60 }, (_, at) => {
      return reference.lossUnder![key].data[(Math.floor(at / 60) * 18 + form) * 60 + (at % 60)];
    });
    return rmiaScores(data.slice(form * 60, (form + 1) * 60), { models, trainedOn, loss }, online);
  };
  const signals = { target, reference, population: { ...population, lossUnder: { [key]: population } } };
  const one = rmia.plan({ probability: 'taylor', temperature: 2 });
  const scores = one.score(signals, { seed: 1 });
  assert.deepEqual(scores, onForm(0));
  const ofPopulation = rmiaScores(population.targetLoss, { models, trainedOn, loss: population.referenceLoss }, online);
  assert.deepEqual(
    one.columns(signals, scores, { seed: 1 })['rmia-taylor-temperature2.populationShare'],
    standingAmong(scores, ofPopulation, 2).share,
  );
  const two = rmia.plan({ probability: 'taylor', temperature: 2, queries: 2 }).score(signals, { seed: 1 });
  // Both of two forms must pass: the lesser decides.
  assert.deepEqual(
    two,
    onForm(0).map((ratio, i) => Math.min(ratio, onForm(1)[i])),
  );
});
