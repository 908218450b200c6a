// A million samples against a bank of sixteen references through the calibrated attacks: seconds and resident memory.
// Run after a build: npm run bench -w @engram/attacks [-- samples models]
import { createRandom, log1pexp } from '@engram/numeric';
import { parseAttackRequest } from '../dist/index.js';

const samples = Number(process.argv[2] ?? 1_000_000);
const models = Number(process.argv[3] ?? 16);
const mebibytes = () => Math.round(process.memoryUsage().rss / 2 ** 20);

const random = createRandom(1);
const scaledConfidence = Float64Array.from({ length: samples }, () => 2 * random.normal());
const trainedOn = new Uint8Array(models * samples);
for (let pair = 0; pair < models; pair += 2) {
  for (let i = 0; i < samples; i += 1) trainedOn[(pair + random.integer(2)) * samples + i] = 1;
}
const referenceConfidence = Float64Array.from(
  trainedOn,
  (trained, at) => scaledConfidence[at % samples] + trained + random.normal(),
);
const signals = {
  target: { loss: scaledConfidence.map((phi) => log1pexp(-phi)), scaledConfidence },
  reference: {
    models,
    trainedOn,
    loss: referenceConfidence.map((phi) => log1pexp(-phi)),
    scaledConfidence: referenceConfidence,
  },
};
console.log(`${samples} samples, ${models} reference models; ${mebibytes()} MiB resident with the signals`);

for (const request of [
  'loss',
  { attack: 'calibratedLoss', signal: 'scaledConfidence' },
  'lira',
  { attack: 'lira', mode: 'offline' },
  { attack: 'lira', variance: 'perSample' },
  { attack: 'lira', variance: 'global' },
  'rmia',
  { attack: 'rmia', mode: 'offline' },
  { attack: 'base', mode: 'offline' },
]) {
  const attack = parseAttackRequest(request);
  const start = performance.now();
  attack.score(signals, { seed: 1 });
  const seconds = ((performance.now() - start) / 1000).toFixed(2);
  console.log(`${attack.scoreId.padEnd(32)} ${seconds.padStart(6)} s  ${mebibytes()} MiB resident`);
}
