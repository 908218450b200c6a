// Time and memory of the ROC, AUC with interval, operating points and band on a million scores.
// Run after a build: node packages/metrics/bench/roc-at-scale.mjs [scores]
import { auc, rocBand, rocCurve, tprAtFpr } from '@engram/metrics';
import { createRandom } from '@engram/numeric';

const n = Number(process.argv[2] ?? 1_000_000);
const random = createRandom(1);
const membership = Uint8Array.from({ length: n }, (_, i) => i % 2);
const scores = Float64Array.from(membership, (member) => random.normal() + member);

const tasks = {
  rocCurve: () => rocCurve(scores, membership),
  'auc with DeLong interval': () => auc(scores, membership),
  'tprAtFpr 0.001': () => tprAtFpr(scores, membership, { fpr: 0.001 }),
  'rocBand, 400 points': () => rocBand(scores, membership),
};

console.log(`${n} scores, node ${process.version}`);
for (const [name, task] of Object.entries(tasks)) {
  task();
  const start = process.hrtime.bigint();
  const kept = task();
  const milliseconds = Number(process.hrtime.bigint() - start) / 1e6;
  console.log(`${name.padEnd(26)} ${milliseconds.toFixed(0).padStart(6)} ms`);
  if (kept === undefined) throw new Error('a metric returned nothing');
}
console.log(`peak resident ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB`);
