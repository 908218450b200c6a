// How often each lower bound on epsilon exceeds the true epsilon, over simulated audits of mechanisms whose epsilon is
// known in closed form. A bound at significance 5 % may do so in 5 % of audits.
// Run after a build: node packages/metrics/bench/epsilon-coverage.mjs [simulations]
import {
  bayesianEpsilon,
  bettingEpsilon,
  clopperPearson,
  clopperPearsonEpsilon,
  epsilonOfMu,
  fDpOneRunEpsilon,
  gaussianEpsilon,
  oneRunEpsilon,
  trialErrors,
} from '@engram/metrics';
import { createRandom, deriveSeed } from '@engram/numeric';

const simulations = Number(process.argv[2] ?? 2000);
const significance = 0.05;

function report(name, truth, draw, runs = simulations) {
  let exceeded = 0;
  let sum = 0;
  for (let run = 0; run < runs; run += 1) {
    const seed = deriveSeed(1, name, run);
    const bound = draw(createRandom(seed), seed);
    if (bound > truth) exceeded += 1;
    sum += bound;
  }
  const { low, high } = clopperPearson(exceeded, runs);
  const percent = (share) => (100 * share).toFixed(2).padStart(5);
  console.log(
    `${name.padEnd(66)} truth ${truth.toFixed(3)}  mean bound ${(sum / runs).toFixed(3)}  exceeded ${percent(exceeded / runs)} % [${percent(low)}, ${percent(high)}]  n ${runs}`,
  );
}

const coins = (random, n) => Uint8Array.from({ length: n }, () => Number(random.uniform() < 0.5));

/** Tells each coin rightly with probability e^eps / (1 + e^eps): as leaky as pure epsilon-DP allows. */
function randomisedResponse(random, n, epsilon) {
  const membership = coins(random, n);
  const q = 1 / (1 + Math.exp(-epsilon));
  const scores = Float64Array.from(membership, (member) => {
    const told = random.uniform() < q ? member : 1 - member;
    return (2 * told - 1) * (1 + random.uniform());
  });
  return { scores, membership };
}

/** Independent Gaussian signals mu apart: mu-GDP for each canary. */
function gaussian(random, n, mu) {
  const membership = coins(random, n);
  return { membership, scores: Float64Array.from(membership, (member) => random.normal() + mu * member) };
}

const grid = { grid: [10, 25, 50, 100, 150, 250].map((count) => ({ in: count, out: count })) };
for (const epsilon of [0.5, 1, 3]) {
  const named = `randomised response, eps ${epsilon}, 500 canaries:`;
  for (const count of [25, 100, 250])
    report(`${named} one run, ${2 * count} guesses`, epsilon, (random, seed) => {
      const { scores, membership } = randomisedResponse(random, 500, epsilon);
      return oneRunEpsilon(scores, membership, { in: count, out: count }, { significance, delta: 0, seed }).epsilon;
    });
  report(`${named} one run, grid of 6`, epsilon, (random, seed) => {
    const { scores, membership } = randomisedResponse(random, 500, epsilon);
    return oneRunEpsilon(scores, membership, grid, { significance, delta: 0, seed }).epsilon;
  });
  report(`${named} betting`, epsilon, (random, seed) => {
    const { scores, membership } = randomisedResponse(random, 500, epsilon);
    return bettingEpsilon(scores, membership, { significance, seed });
  });
}
const delta = 1e-5;
for (const mu of [0.5, 2]) {
  const truth = epsilonOfMu(mu, delta);
  const named = `Gaussian, mu ${mu}, 1000 canaries:`;
  const split = { in: 100, out: 100 };
  report(`${named} one run, 200 guesses, delta 1e-5`, truth, (random, seed) => {
    const { scores, membership } = gaussian(random, 1000, mu);
    return oneRunEpsilon(scores, membership, split, { significance, delta, seed }).epsilon;
  });
  report(`${named} f-DP one run, 200 guesses`, truth, (random, seed) => {
    const { scores, membership } = gaussian(random, 1000, mu);
    return fDpOneRunEpsilon(scores, membership, split, { significance, delta, seed }).epsilon;
  });
  for (const threshold of [mu / 2, 'disjointHalf']) {
    const trials = `Gaussian, mu ${mu}, 1000 trials, threshold ${threshold}:`;
    const errors = (random, seed) => {
      const { scores, membership } = gaussian(random, 1000, mu);
      return trialErrors(scores, membership, threshold, { significance, delta, seed }).counts;
    };
    report(`${trials} Clopper-Pearson`, truth, (random, seed) =>
      clopperPearsonEpsilon(errors(random, seed), { significance, delta }),
    );
    report(
      `${trials} Gaussian`,
      truth,
      (random, seed) => gaussianEpsilon(errors(random, seed), { significance, delta }).epsilon,
    );
  }
}
for (const epsilon of [0.5, 2]) {
  const named = `randomised response, eps ${epsilon}, 1000 trials:`;
  const errors = (random, seed) => {
    const { scores, membership } = randomisedResponse(random, 1000, epsilon);
    return trialErrors(scores, membership, 0, { significance, delta: 0, seed }).counts;
  };
  report(`${named} Clopper-Pearson`, epsilon, (random, seed) =>
    clopperPearsonEpsilon(errors(random, seed), { significance, delta: 0 }),
  );
  report(
    `${named} Bayesian, lower end at 95 %`,
    epsilon,
    (random, seed) => bayesianEpsilon(errors(random, seed), { credibility: 0.9, delta: 0 }).low,
    Math.min(simulations, 200),
  );
}
