// The blind-baseline gate on random splits (how often it passes) and on shifts (how often it finds them), and its time.
// Run after a build: node packages/metrics/bench/blind-gate.mjs [runs]
import { blindBaselineGate } from '@engram/metrics';
import { createRandom, deriveSeed } from '@engram/numeric';

const runs = Number(process.argv[2] ?? 50);

for (const { perSide, columns, shift } of [
  { perSide: 2000, columns: 8, shift: 0 },
  { perSide: 1000, columns: 64, shift: 0 },
  { perSide: 500, columns: 8, shift: 0 },
  { perSide: 1000, columns: 64, shift: 0.15 },
  { perSide: 1000, columns: 64, shift: 0.5 },
]) {
  const outcomes = { pass: 0, inconclusive: 0, warn: 0, fail: 0 };
  const used = process.cpuUsage();
  for (let run = 0; run < runs; run += 1) {
    const random = createRandom(deriveSeed(1, perSide, columns, shift, run));
    const membership = Uint8Array.from({ length: 2 * perSide }, (_, i) => i % 2);
    const data = Float64Array.from({ length: 2 * perSide * columns }, (_, k) => {
      const moved = k % columns === 0 && membership[Math.floor(k / columns)] === 1;
      return random.normal() + (moved ? shift : 0);
    });
    const features = { data, shape: [2 * perSide, columns] };
    outcomes[blindBaselineGate({ features, membership, seed: run }).outcome] += 1;
  }
  const seconds = process.cpuUsage(used).user / 1e6 / runs;
  console.log(
    `${perSide} per side, ${columns} columns, shift ${shift}: ${JSON.stringify(outcomes)} ${seconds.toFixed(1)} s each`,
  );
}
