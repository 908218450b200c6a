// How often each interval holds the truth, over simulations whose truth is known in closed form.
// Run after a build: node packages/metrics/bench/interval-coverage.mjs [simulations]
import { auc, clopperPearson, newcombeDifference, spearmanWithInterval, wilson } from '@engram/metrics';
import { createRandom, deriveSeed, normalCdf } from '@engram/numeric';

const simulations = Number(process.argv[2] ?? 2000);

function report(name, truth, draw, runs = simulations) {
  let held = 0;
  let width = 0;
  for (let run = 0; run < runs; run += 1) {
    const measured = draw(createRandom(deriveSeed(1, name, run)), run);
    if (measured.low <= truth && truth <= measured.high) held += 1;
    width += (measured.high - measured.low) / runs;
  }
  const share = held / runs;
  const error = Math.sqrt((share * (1 - share)) / runs);
  console.log(
    `${name.padEnd(44)} ${(100 * share).toFixed(1).padStart(6)} % ± ${(200 * error).toFixed(1)}  width ${width.toFixed(4)}  (${runs} runs)`,
  );
}

function count(random, n, rate) {
  let hits = 0;
  for (let i = 0; i < n; i += 1) if (random.uniform() < rate) hits += 1;
  return hits;
}

console.log('nominal coverage 95 %');
for (const [n, rate] of [
  [100, 0.01],
  [500, 0.06],
  [1000, 0.001],
  [50, 0.5],
]) {
  report(`Clopper-Pearson, n ${n}, rate ${rate}`, rate, (random) => clopperPearson(count(random, n, rate), n));
  report(`Wilson, n ${n}, rate ${rate}`, rate, (random) => wilson(count(random, n, rate), n));
}
report('Newcombe, 0.1 of 200 less 0.02 of 300', 0.08, (random) =>
  newcombeDifference({ count: count(random, 200, 0.1), n: 200 }, { count: count(random, 300, 0.02), n: 300 }),
);
for (const [perSide, shift] of [
  [1000, 0],
  [1000, 1],
  [60, 1],
  [60, 2.5],
  [1000, 3],
  [20, 1],
  [10, 2],
]) {
  const membership = Uint8Array.from({ length: 2 * perSide }, (_, i) => i % 2);
  const draw = (random, run) =>
    auc(
      Float64Array.from(membership, (member) => random.normal() + shift * member),
      membership,
      { seed: run },
    );
  const method = perSide < 50 ? 'BCa' : 'DeLong';
  report(`AUC by ${method}, ${perSide} per side, shift ${shift}`, normalCdf(shift / Math.SQRT2), draw);
}
const rho = (6 / Math.PI) * Math.asin(Math.SQRT1_2 / 2);
for (const method of ['bootstrap', 'fisherZ']) {
  const draw = (random, run) => {
    const a = Float64Array.from({ length: 60 }, () => random.normal());
    return spearmanWithInterval(
      a,
      a.map((x) => x + random.normal()),
      { method, seed: run },
    );
  };
  report(`Spearman by ${method}, n 60, rho ${rho.toFixed(2)}`, rho, draw);
}
