// Leverage of a wide last layer, beside the same quantity in numpy and scipy, in turns: seconds of the clock and of the
// processor, the longest time without a look at whether to stop, the memory held, and how far the two are apart.
//   [PYTHON=python3] node apps/e2e/bench/leverage.mjs [samples] [inputs] [classes] [rounds]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { confidenceDrops } from '@engram/attacks';
import { openEngine } from '@engram/engine';
import { createRandom, logSoftmaxRow } from '@engram/numeric';

const given = process.argv.slice(2).map(Number);
const [n = 9000, width = 256, classes = 10, rounds = 3] = given;

const random = createRandom(1);
const features = Float32Array.from({ length: n * width }, () => Math.max(0, random.normal()));
const logProbabilities = new Float64Array(n * classes);
for (let i = 0; i < n; i += 1)
  logSoftmaxRow(
    Float64Array.from({ length: classes }, () => 2 * random.normal()),
    logProbabilities.subarray(i * classes, (i + 1) * classes),
  );
const labels = Int32Array.from({ length: n }, () => random.integer(classes));
const layer = {
  features: { data: features, shape: [n, width] },
  logProbabilities: { data: logProbabilities, shape: [n, classes] },
  labels,
  head: 'softmax',
  bias: true,
};
const folder = mkdtempSync(join(tmpdir(), 'engram-leverage-'));
for (const [name, array] of Object.entries({ features, logProbabilities, labels }))
  writeFileSync(join(folder, name), Buffer.from(array.buffer));

const { matrices: kernels } = await openEngine({ device: 'cpu' });

async function ours() {
  const start = performance.now();
  const before = process.cpuUsage();
  let [last, longest] = [start, 0];
  const { values, dimension, method } = await confidenceDrops(layer, {
    trainedOn: n / 2,
    kernels,
    pause: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
    },
  });
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - start) / 1000;
  return { values, dimension, method, seconds, processor: (user + system) / 1e6, longest: longest / 1000 };
}

function theirs() {
  const script = fileURLToPath(new URL('leverage.py', import.meta.url));
  const python = spawnSync(process.env.PYTHON ?? 'python3', [script, folder, ...[n, width, classes].map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (python.status !== 0) throw new Error('PYTHON must name a Python with numpy and scipy');
  const values = new Float64Array(new Uint8Array(readFileSync(join(folder, 'drops'))).buffer);
  return { values, ...JSON.parse(python.stdout.toString()) };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const turns = [];
for (let round = 0; round < rounds; round += 1) turns.push({ ours: await ours(), theirs: theirs() });
rmSync(folder, { recursive: true });
const of = (side, what) => median(turns.map((turn) => turn[side][what])).toFixed(1);
const [{ ours: first, theirs: other }] = turns;
const apart = Math.max(...first.values.map((value, i) => Math.abs(value / other.values[i] - 1)));
console.log(`${n} samples, ${first.dimension} weights (${first.method}), ${rounds} rounds in turns, medians`);
for (const side of ['ours', 'theirs'])
  console.log(`${side}: ${of(side, 'seconds')} s, ${of(side, 'processor')} s of the processor`);
console.log(`longest without a look: ${of('ours', 'longest')} s`);
console.log(`held at most: ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB, ${other.mebibytes} MiB`);
console.log(`drops apart by at most ${apart.toExponential(1)} of themselves`);
