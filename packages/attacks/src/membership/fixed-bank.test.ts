import assert from 'node:assert/strict';
import { test } from 'node:test';
import { log1pexp } from '@engram/numeric';
import { type MembershipAttackRequest, parseAttackRequest } from './attack-request.js';
import type { MembershipSignals } from './signals.js';

/** Six models in two pairs and two more, three samples; all numbers are eighths, which float32 holds. */
function fixedBank(): MembershipSignals {
  const [models, n] = [6, 3];
  const trainedOn = Uint8Array.of(1, 0, 1, 0, 1, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 1, 1);
  const ofModels = Float64Array.from(trainedOn, (_, at) => {
    const [k, i] = [Math.floor(at / n), at % n];
    return ((13 * k + 7 * i + 3 * k * i) % 23) / 4 - 2;
  });
  const phi = Float64Array.of(1.5, -0.25, 3);
  const lossOf = (values: Float64Array) => values.map((value) => log1pexp(-value));
  // The second form of a sample: a nat less to the target, half as far from 0 to the references.
  const forms = Array.from({ length: models }, (_, k) => [...ofModels.subarray(k * n, (k + 1) * n)]);
  return {
    target: {
      loss: lossOf(phi),
      scaledConfidence: phi,
      queryConfidence: { data: Float64Array.of(...phi, ...phi.map((value) => value - 1)), shape: [2, n] },
    },
    reference: {
      models,
      trainedOn,
      loss: lossOf(ofModels),
      scaledConfidence: ofModels,
      queryConfidence: {
        data: Float32Array.from(forms.flatMap((row) => [...row, ...row.map((value) => value / 2)])),
        shape: [models, 2, n],
      },
    },
  };
}

const mean = { attack: 'lira', location: 'mean' } as const;

// Computed with numpy 2.4.6 and scipy 1.17.1 (stats.norm, stats.t), from the papers' formulas as the docstrings state them.
const expected: readonly (readonly [MembershipAttackRequest, readonly number[]])[] = [
  [{ ...mean, variance: 'perSample' }, [-9.750000000000002, -1.093595551198928, -0.2552477227572081]],
  [{ ...mean, variance: 'global' }, [-1.3595224552489142, -0.5086665146706362, -0.007216038085472665]],
  [{ ...mean, variance: 'moderated' }, [-1.3493781026474543, -0.6611828551110768, -0.15640927283720973]],
  [{ ...mean, mode: 'offline', variance: 'perSample' }, [-0.8164965809277261, 0.3396831102433787, 1.2088531618235643]],
  [{ ...mean, mode: 'offline', variance: 'global' }, [-0.38177085778546666, 0.19088542889273333, 1.4634549548442888]],
  [{ ...mean, mode: 'offline', variance: 'moderated' }, [0.4465437262950548, 0.8421832973818196, 1.8164486164832268]],
  [{ attack: 'lira', queries: 2 }, [-1.0684822048718687, -0.565465565441588, -0.08070386778262617]],
  ['rmia', [0.39114856436607215, -0.16769831928447873, 0.39060941374037583]],
  [{ attack: 'rmia', mode: 'offline' }, [-0.11028678654335294, -0.3253812331589572, 0.20598773406597531]],
  // Of two forms both must pass, so the lesser ratio decides.
  [{ attack: 'rmia', queries: 2 }, [0.14334131006755477, -0.8409654630952267, 0.3865682523832972]],
  ['base', [0.39114856436607215, -0.16769831928447873, 0.39060941374037583]],
  [{ attack: 'base', mode: 'offline' }, [-0.1539373626557994, -0.5186947575664931, 0.09143326925870407]],
  ['calibratedLoss', [-0.054471717518904395, 0.2084912860346363, 0.4468110951089235]],
  [{ attack: 'calibratedLoss', signal: 'scaledConfidence' }, [-0.5, 0.25, 1.9166666666666667]],
];

test('attacks on a fixed bank give what numpy and scipy compute', () => {
  for (const [request, values] of expected) {
    const attack = parseAttackRequest(request);
    attack.score(fixedBank(), { seed: 1 }).forEach((score, i) => {
      // Sums in another order, on numbers of order one.
      assert.ok(Math.abs(score - values[i]) < 1e-12, `${attack.scoreId} of sample ${i}: ${score}, not ${values[i]}`);
    });
  }
});
