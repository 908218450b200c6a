/**
 * `npm run bench -w @engram/engine [-- row ...]`: samples per second of each row, eagerly, recorded, with XLA, and in
 * PyTorch where `$PYTHON` (python3) can import it. The sides of a row take turns of a second, so what else the machine
 * does meets all alike; medians and ranges over the rounds are printed, ratios are medians of the rounds' ratios.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { availableParallelism, cpus } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { setUpNative } from '../native/set-up.js';
import { cnnFlops } from './cnn.js';
import { llamaFlops } from './llama.js';
import { mlpFlops } from './mlp.js';

interface Row {
  readonly id: string;
  readonly title: string;
  readonly flopsPerSample: number;
  readonly unit: 'samples' | 'tokens';
  readonly sides: readonly string[];
}
/** PyTorch's threads wait by spinning or by sleeping: which is better depends on what else the machine does. */
const pytorchSides = ['pytorch', 'pytorch*'];
const training = ['eager', 'recorded', 'xla', ...pytorchSides];
const rows: readonly Row[] = [
  {
    id: 'mlp-32',
    title: 'MLP 600-512-256-100, Adam, batch 32',
    flopsPerSample: mlpFlops,
    unit: 'samples',
    sides: training,
  },
  { id: 'mlp-128', title: 'same, batch 128', flopsPerSample: mlpFlops, unit: 'samples', sides: training },
  { id: 'mlp-512', title: 'same, batch 512', flopsPerSample: mlpFlops, unit: 'samples', sides: training },
  {
    id: 'cnn-64',
    title: 'CNN 28x28, 32-64 conv, 128 dense, Adam, batch 64',
    flopsPerSample: cnnFlops,
    unit: 'samples',
    sides: training,
  },
  { id: 'cnn-256', title: 'same, batch 256', flopsPerSample: cnnFlops, unit: 'samples', sides: training },
  {
    id: 'bank-8-32',
    title: 'bank of 8 MLPs, batch 32 each (PyTorch one by one)',
    flopsPerSample: mlpFlops,
    unit: 'samples',
    sides: ['recorded', 'xla', ...pytorchSides],
  },
  {
    id: 'bank-64-32',
    title: 'bank of 64 MLPs, batch 32 each (PyTorch one by one)',
    flopsPerSample: mlpFlops,
    unit: 'samples',
    sides: ['recorded', 'xla', ...pytorchSides],
  },
  {
    id: 'llama-8-128',
    title: 'scoring, Llama-shaped 135 M, 8 x 128 tokens',
    flopsPerSample: llamaFlops(128),
    unit: 'tokens',
    sides: ['recorded', 'xla', ...pytorchSides],
  },
];
const rounds = Number(process.env.BENCH_ROUNDS ?? 7);
const seconds = Number(process.env.BENCH_SECONDS ?? 1);
const python = process.env.PYTHON ?? 'python3';

interface Slice {
  readonly samples: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
}
class Contestant {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(row: string, side: string) {
    const script = (path: string) => fileURLToPath(new URL(path, import.meta.url));
    const [program, args] = side.startsWith('pytorch')
      ? [python, [script('../../bench/pytorch.py'), row, String(availableParallelism())]]
      : [process.execPath, [script('contestant.js'), row, side]];
    const env = side === 'pytorch*' ? { ...process.env, OMP_WAIT_POLICY: 'passive' } : process.env;
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'ignore'], env });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }
  async #next(): Promise<unknown> {
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('a side of the bench ended early');
    return JSON.parse(value);
  }
  ready(): Promise<unknown> {
    return this.#next();
  }
  slice(): Promise<Slice> {
    this.#child.stdin!.write(`${seconds}\n`);
    return this.#next() as Promise<Slice>;
  }
  close(): void {
    this.#child.kill();
  }
}

/** Per side, samples per second of each round; under `matmul`, operations per second of a large matrix product. */
async function measure(row: Pick<Row, 'id' | 'sides'>): Promise<Map<string, number[]>> {
  const sides = row.sides.filter((side) => !side.startsWith('pytorch') || hasPytorch);
  const contestants: (readonly [string, Contestant])[] = [];
  // One after the other, so that no preparation runs beside another's.
  for (const side of ['matmul', ...sides]) {
    const contestant = side === 'matmul' ? new Contestant('matmul', 'recorded') : new Contestant(row.id, side);
    await contestant.ready();
    contestants.push([side, contestant]);
  }
  const rates = new Map<string, number[]>(contestants.map(([side]) => [side, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [side, contestant] of contestants) {
      const slice = await contestant.slice();
      rates.get(side)!.push(slice.samples / slice.seconds);
    }
  }
  for (const [, contestant] of contestants) contestant.close();
  return rates;
}

const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
const number = (value: number) => (value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2));
const spread = (values: readonly number[], format = number) =>
  `${format(median(values))} (${format(Math.min(...values))}–${format(Math.max(...values))})`;
const ratios = (over: readonly number[], under: readonly number[]) => over.map((value, i) => value / under[i]!);

const hasPytorch = spawnSync(python, ['-c', 'import torch'], { stdio: 'ignore' }).status === 0;
const status = await setUpNative();
const wanted = process.argv.slice(2);
console.log(
  `TensorFlow ${status.libraryVersion} (${status.device}), Node ${process.version}, ${availableParallelism()} x ${cpus()[0]?.model ?? 'unknown processor'}`,
);
console.log(
  hasPytorch
    ? `PyTorch: ${python}; * with OMP_WAIT_POLICY=passive, the ratios take the better of the two`
    : `no PyTorch: ${python} cannot import torch`,
);
console.log(`${rounds} rounds of ${seconds} s per side; median (lowest–highest)\n`);
for (const row of rows) {
  if (wanted.length > 0 && !wanted.some((part) => row.id.includes(part))) continue;
  const rates = await measure(row);
  const matmul = rates.get('matmul')!;
  rates.delete('matmul');
  console.log(`\n${row.title} [${row.id}]   large matmul: ${spread(matmul.map((v) => v / 1e9))} GFLOP/s`);
  for (const [side, values] of rates) {
    const reached = median(ratios(values, matmul)) * row.flopsPerSample;
    console.log(
      `  ${side.padEnd(9)} ${spread(values).padEnd(30)} ${row.unit}/s   ${(100 * reached).toFixed(0)} % of the matmul`,
    );
  }
  const best = median(rates.get('xla')!) > median(rates.get('recorded')!) ? 'xla' : 'recorded';
  const eager = rates.get('eager');
  const [spinning, sleeping] = pytorchSides.map((side) => rates.get(side));
  const pytorch = spinning?.map((rate, i) => Math.max(rate, sleeping![i]!));
  const factor = (value: number) => `${value.toFixed(2)}x`;
  if (eager !== undefined)
    console.log(`  best (${best}) / eager:   ${spread(ratios(rates.get(best)!, eager), factor)}`);
  if (pytorch !== undefined)
    console.log(`  best (${best}) / PyTorch: ${spread(ratios(rates.get(best)!, pytorch), factor)}`);
}
