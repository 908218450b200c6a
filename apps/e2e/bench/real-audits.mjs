// Two membership audits of models of the kind people release, over HTTP: every attack of the catalog with its intervals,
// the gates, and the same samples split by class, which must be found out.
//   npm start                                    (in another terminal)
//   node apps/e2e/bench/real-audits.mjs [fashion-cnn | adult-mlp] [reference models] [samples divided by]
import { mkdirSync, writeFileSync } from 'node:fs';
import { openEngine } from '@engram/engine';
import { createRandom } from '@engram/numeric';
import { connect, npy, progressLine, show } from '../../../examples/client.mjs';
import { savedModel } from '../../../examples/saved-model.mjs';

const attacks = [
  'lira',
  { attack: 'lira', mode: 'offline' },
  { attack: 'lira', variance: 'perSample' },
  'rmia',
  { attack: 'rmia', mode: 'offline' },
  'base',
  'calibratedLoss',
  'shadowClassifier',
  'fusion',
  'quantile',
  'gradientNorm',
  { attack: 'gradientNorm', layers: 'all' },
  'leverage',
  'loss',
  'entropy',
  'modifiedEntropy',
  'gap',
  'augmentationVotes',
  'noiseRobustness',
  { attack: 'boundaryDistance', queries: 200 },
  'transferAttack',
];

const client = connect();
const [which, references = '64', divisor = '1'] = process.argv.slice(2);
for (const module of which === undefined ? ['fashion-cnn', 'adult-mlp'] : [which])
  await audit(await import(`./${module}.mjs`));

async function audit(setting) {
  const { recipe, sizes } = setting;
  const random = createRandom(5);
  const all = random.shuffle(setting.samples());
  const take = (from, count) => all.slice(from, from + Math.floor(count / Number(divisor)));
  const members = take(0, sizes.members);
  const nonMembers = take(members.length, sizes.nonMembers);
  const calibration = take(members.length + nonMembers.length, sizes.calibration);
  console.log(`\n=== ${setting.name}: ${members.length} members, ${nonMembers.length} non-members`);
  const trained = await train(setting, members, nonMembers);
  console.log(
    `accuracy ${trained.accuracy.map((share) => `${(100 * share).toFixed(1)} %`).join(' on members, ')} on others`,
  );

  const model = await client.uploadModel(
    { name: setting.name, kind: 'tfjs-layers', task: 'classification', output: 'logits', training: recipe },
    trained.files,
  );
  const upload = (name, rows) => uploadSamples(setting, name, rows);
  const data = {
    members: (await upload('members', members)).id,
    nonMembers: (await upload('non-members', nonMembers)).id,
    calibration: (await upload('calibration', calibration)).id,
  };
  const { membership } = await client.capabilities();
  const listed = new Set(membership.map(({ id }) => id));
  // Rows of a table cannot be turned and shifted.
  const fits = (id) => id !== 'augmentationVotes' || setting.inputShape !== undefined;
  const asked = attacks.filter((entry) => listed.has(entry.attack ?? entry) && fits(entry.attack ?? entry));
  const begun = Date.now();
  const report = await run(setting.name, {
    model: model.id,
    data,
    tests: { membership: { attacks: asked, referenceModels: { count: Number(references) } } },
  });
  tell(report, (Date.now() - begun) / 1000);

  const byClass = (wanted) => all.slice(0, 4000).filter(({ label }) => label % 2 === wanted);
  const split = await run(`${setting.name} split by class`, {
    model: model.id,
    data: { members: (await upload('odd', byClass(1))).id, nonMembers: (await upload('even', byClass(0))).id },
    tests: { membership: { attacks: ['loss'], referenceModels: { count: 0 } } },
  });
  console.log(`split by class: ${split.verdict}; ${gate(split, 'blindBaseline')}`);
  mkdirSync('.engram', { recursive: true });
  writeFileSync(`.engram/${setting.name.replaceAll(' ', '-')}.report.json`, JSON.stringify(report));
}

async function run(name, request) {
  const submitted = await client.submit({ name, seed: 11, ...request });
  const finished = await client.follow(submitted.id, progressLine(name));
  if (finished.status !== 'succeeded') throw new Error(`${name} ${finished.status}: ${JSON.stringify(finished.error)}`);
  return client.report(submitted.id);
}

function tell(report, seconds) {
  const { membership } = report;
  console.log(`verdict ${report.verdict} after ${seconds.toFixed(0)} s; ${report.summary[0]}`);
  for (const name of ['blindBaseline', 'modelSwap', 'splitHalf']) console.log(`  ${gate(report, name)}`);
  const fprs = membership.attacks[0].tprAtFpr.map(({ fpr }) => fpr);
  console.log(`  ${'attack'.padEnd(34)}${'AUC'.padEnd(24)}${fprs.map((fpr) => `TPR at ${fpr}`.padEnd(28)).join('')}`);
  for (const { scoreId, auc, tprAtFpr } of membership.attacks)
    console.log(
      `  ${scoreId.padEnd(34)}${show(auc).padEnd(24)}${tprAtFpr.map(({ measured }) => show(measured, (v) => v.toFixed(4)).padEnd(28)).join('')}`,
    );
  for (const { attack, reason } of membership.skipped) console.log(`  ${attack} skipped: ${reason}`);
}

function gate({ membership }, wanted) {
  const { outcome, measured } = membership.gates.find(({ gate }) => gate === wanted);
  return `${wanted} ${outcome}, AUC ${show(measured)}`;
}

async function train({ recipe, layers, classes, inputShape }, members, others) {
  const engine = await openEngine({ device: process.env.ENGRAM_DEVICE ?? 'auto', mode: 'auto' });
  const { tf } = engine;
  const model = tf.sequential({ layers: layers(tf, members[0].input.length) });
  model.compile({
    optimizer: tf.train.adam(recipe.optimizer.learningRate),
    loss: (truth, logits) => tf.losses.softmaxCrossEntropy(truth, logits),
  });
  const tensor = (rows) => tf.tensor(flat(rows), [rows.length, ...(inputShape ?? [members[0].input.length])]);
  const labels = tf.tensor1d(
    members.map(({ label }) => label),
    'int32',
  );
  const { epochs, batchSize } = recipe;
  await model.fit(tensor(members), tf.oneHot(labels, classes).toFloat(), { epochs, batchSize, verbose: 0 });
  const rate = (rows) => {
    const predicted = model.predict(tensor(rows)).argMax(1).dataSync();
    return rows.filter(({ label }, i) => label === predicted[i]).length / rows.length;
  };
  const accuracy = [rate(members), rate(others)];
  const files = await savedModel(tf, model);
  engine.close();
  return { files, accuracy };
}

function uploadSamples({ inputShape }, name, rows) {
  const shape = inputShape ?? [rows[0].input.length];
  return client.uploadDataset(
    { name, format: 'npy', fields: { input: { file: 'x.npy' }, label: { file: 'y.npy' } } },
    {
      'x.npy': npy(flat(rows), [rows.length, ...shape]),
      'y.npy': npy(
        Int32Array.from(rows, ({ label }) => label),
        [rows.length],
      ),
    },
  );
}

function flat(rows) {
  const width = rows[0].input.length;
  const data = new Float32Array(rows.length * width);
  rows.forEach(({ input }, i) => {
    data.set(input, i * width);
  });
  return data;
}
