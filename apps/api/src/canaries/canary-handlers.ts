import { defaultCanaries, openDataset, type PlantedCanaries, plantCanaries } from '@engram/datasets';
import { EngramError } from '@engram/domain';
import type { Call, Handlers } from '../http/call.js';
import { clientGone } from '../http/client-gone.js';
import { recordDataset, type UploadParts, withStaging } from '../uploads/upload-handlers.js';
import { datasetResource } from '../uploads/upload-resources.js';

export function canaryHandlers(parts: UploadParts): Pick<Handlers, 'createCanaries'> {
  return { createCanaries: (call) => createCanaries(parts, call) };
}

async function createCanaries(parts: UploadParts, { project, body, reply }: Call<'createCanaries'>) {
  const { stored } = await findSource(parts, project, body.dataset);
  const { seed, allowLargeShare } = body;
  const count = body.count ?? defaultCanaries(stored.inspected.count);
  const signal = clientGone(reply, parts.stopping);
  const answer = await withStaging(parts, project, async ({ store }) => {
    const source = openDataset(stored.inspected, store, project);
    const planted = await plantCanaries({ source, count, seed, allowLargeShare, store, project, signal });
    const record = (name: string, which: 'canaries' | 'trainingSet') =>
      recordDataset(parts, store, project, manifestOf(`${stored.name}: ${name}`, planted[which]), planted[which]);
    return {
      canaries: datasetResource(await record('canaries', 'canaries')),
      trainingSet: datasetResource(await record('training set with canaries', 'trainingSet')),
      kind: body.kind,
      seed,
      coins: { included: planted.included, leftOut: count - planted.included, sha256: planted.coinsDigest },
    };
  });
  reply.code(201).header('location', answer.canaries.links.self);
  return {
    ...answer,
    notices: noticesOf(count, stored.inspected.classCount ?? 0, answer.trainingSet.count),
    howToUse: howToUse(answer.canaries.id, answer.trainingSet.id),
  };
}

/** @throws ENG_DATASET_NOT_FOUND with a fault at the field that names it. */
async function findSource({ records }: UploadParts, project: string, id: string) {
  return records.datasets.get(project, id).catch((thrown: unknown) => {
    if (!(thrown instanceof EngramError) || thrown.faults.length > 0) throw thrown;
    const { code, message, remedy } = thrown;
    throw new EngramError(code, message, {
      faults: [{ pointer: '/dataset', message }],
      ...(remedy === undefined ? {} : { remedy }),
    });
  });
}

/** The manifest under which the downloaded samples could be uploaded again. */
function manifestOf(name: string, { fields }: PlantedCanaries['canaries']) {
  const arrays = Object.keys(fields).map((field) => [field, { array: field }]);
  return { name, format: 'npz', fields: Object.fromEntries(arrays) };
}

function noticesOf(count: number, classes: number, trainingSamples: number): string[] {
  const notices: string[] = [];
  if (classes < 3)
    notices.push(
      `${classes} classes: the wrong label is always the other one, so that canaries are harder to tell from samples that are merely hard. With three classes or more bounds are higher.`,
    );
  if (count < 500)
    notices.push(`${count} canaries can show only small bounds: 500 or more are advised, 1,000 are usual.`);
  const share = count / trainingSamples;
  if (share > 0.01)
    notices.push(
      `Up to ${(100 * share).toFixed(1)} % of the training samples are mislabelled: expect the model to be worse for it.`,
    );
  return notices;
}

function howToUse(canaries: string, trainingSet: string): string[] {
  return [
    `Download GET /v1/datasets/${trainingSet}/content and train on all of it, in any order, each sample as often as the others.`,
    'Keep the digest of the coins from before the training: it shows that none was changed afterwards.',
    `Upload the model, then POST /v1/audits with "data": { "auditSet": "${canaries}" } and "tests": { "privacyBounds": { "inclusion": "independentCoins" } }.`,
    'Use these canaries for one training only, and do not look at their membership before the guesses are declared.',
  ];
}
