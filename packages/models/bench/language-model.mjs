// Tokens per second of training, scoring and generating with a small byte-level Llama.
// Run after a build: node packages/models/bench/language-model.mjs [width] [layers] [length]
import { openEngine } from '@engram/engine';
import { byteTokens, openLlamaWeights, trainLanguageModels } from '@engram/models';
import { createRandom } from '@engram/numeric';

const [width, layers, length] = [process.argv[2] ?? 96, process.argv[3] ?? 4, process.argv[4] ?? 128].map(Number);
const config = {
  vocabularySize: byteTokens.vocabularySize,
  width,
  feedForwardWidth: Math.round(width / 3) * 8,
  layers,
  heads: 4,
  keyValueHeads: 4,
  headWidth: width / 4,
  contextLength: 2 * length,
  normEpsilon: 1e-5,
  ropeTheta: 10_000,
  tiedEmbeddings: true,
  eosTokenIds: [],
};
const random = createRandom(1);
const sequences = Array.from({ length: 512 }, () => Int32Array.from({ length }, () => random.integer(256)));
const recipe = {
  optimizer: { kind: 'adamw', learningRate: 1e-3 },
  epochs: 1,
  batchSize: 32,
  loss: 'crossEntropy',
  weightDecay: 0.01,
  schedule: 'cosine',
  augmentation: [],
  seed: 1,
};

const engine = await openEngine();
console.log(`${engine.info.device}, ${engine.info.threads} threads, TensorFlow ${engine.info.libraryVersion}`);
const trainedOn = new Uint8Array(sequences.length).fill(1);
const { models, facts } = await trainLanguageModels(engine, {
  config,
  sequences,
  recipe,
  models: [{ seed: 1, trainedOn }],
});
const { weights } = models[0];
const parameters = Object.values(weights).reduce((sum, { data }) => sum + data.length, 0);
console.log(`${parameters} parameters, sequences of ${length}`);
console.log(`training    ${facts.tokensPerSecond.toFixed(0)} tokens/s (${facts.mode}, batch 32)`);

const model = openLlamaWeights(engine, config, weights);
/** Tokens per second of the second run: the first records and compiles. */
async function tokensPerSecond(tokens, work) {
  await work();
  const start = performance.now();
  await work();
  return ((tokens / (performance.now() - start)) * 1000).toFixed(0);
}
console.log(`scoring     ${await tokensPerSecond(512 * length, () => model.tokenSignals(sequences))} tokens/s`);
console.log(
  `   top 20   ${await tokensPerSecond(512 * length, () => model.tokenSignals(sequences, { topK: 20 }))} tokens/s`,
);
for (const count of [1, 64, 256]) {
  const prompts = sequences.slice(0, count).map((sequence) => sequence.subarray(0, length / 2));
  const options = { maxTokens: length / 2, decoder: { kind: 'sample', topK: 40 }, seed: 1 };
  const rate = await tokensPerSecond((count * length) / 2, () => model.generate(prompts, options));
  console.log(`generating  ${rate} tokens/s, ${count} at a time`);
}
await model.dispose();
engine.close();
