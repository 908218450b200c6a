// A million scores through ROC, intervals, LiRA and moderated LiRA, beside scikit-learn and scipy, in turns: seconds,
// ratio, and the most memory either process held.
//   [PYTHON=python3] node apps/e2e/bench/million-scores.mjs [scores] [reference models] [rounds]
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseAttackRequest } from '@engram/attacks';
import { auc, rocCurve, tprAtFpr } from '@engram/metrics';
import { createRandom, log1pexp } from '@engram/numeric';

const given = process.argv.slice(2).map(Number);
const [n = 1_000_000, models = 16, rounds = 5] = given;

const random = createRandom(1);
const membership = Uint8Array.from({ length: n }, (_, i) => i % 2);
const scores = Float64Array.from(membership, (member) => random.normal() + member);
const scaledConfidence = Float64Array.from({ length: n }, () => 2 * random.normal());
const trainedOn = new Uint8Array(models * n);
for (let pair = 0; pair < models; pair += 2)
  for (let i = 0; i < n; i += 1) trainedOn[(pair + random.integer(2)) * n + i] = 1;
const confidence = Float64Array.from(trainedOn, (trained) => 2 * random.normal() + trained);
const signals = {
  target: { loss: scaledConfidence.map((phi) => log1pexp(-phi)), scaledConfidence },
  reference: { models, trainedOn, loss: confidence, scaledConfidence: confidence },
};
const lira = (variance) => {
  const attack = parseAttackRequest({ attack: 'lira', variance, location: 'mean' });
  return () => attack.score(signals, { seed: 1 });
};
const tasks = {
  ROC: () => rocCurve(scores, membership),
  'AUC with DeLong interval': () => auc(scores, membership),
  'TPR at FPR 0.001 with Clopper-Pearson': () => tprAtFpr(scores, membership, { fpr: 0.001 }),
  'LiRA, variance per sample': lira('perSample'),
  'LiRA, moderated variance': lira('moderated'),
};

const script = fileURLToPath(new URL('million_scores.py', import.meta.url));
const python = spawn(process.env.PYTHON ?? 'python3', [script, String(n), String(models)], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
const answers = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
const ask = async (task) => {
  python.stdin.write(`${task}\n`);
  const { value, done } = await answers.next();
  if (done) throw new Error('Python stopped: PYTHON must name one with numpy, scipy and scikit-learn');
  return JSON.parse(value);
};
const median = (values) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

console.log(`${n} scores, ${models} reference models, ${rounds} rounds in turns, medians`);
let theirs = 0;
for (const [name, task] of Object.entries(tasks)) {
  const turns = [];
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now();
    task();
    const ours = (performance.now() - start) / 1000;
    const { seconds, mebibytes } = await ask(name);
    theirs = mebibytes;
    turns.push({ ours, seconds, ratio: seconds / ours });
  }
  const of = (key) => median(turns.map((turn) => turn[key]));
  const worst = Math.min(...turns.map(({ ratio }) => ratio));
  console.log(
    `${name.padEnd(40)} ${of('ours').toFixed(2)} s, Python ${of('seconds').toFixed(2)} s: ${of('ratio').toFixed(1)} times as fast (worst round ${worst.toFixed(1)})`,
  );
}
python.kill();
const ours = Math.round(process.resourceUsage().maxRSS / 1024);
console.log(`most memory held: ${ours} MiB, Python ${theirs} MiB`);
