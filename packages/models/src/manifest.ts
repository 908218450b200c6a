import {
  augmentations,
  EngramError,
  type FieldFault,
  type ModelTask,
  modelKinds,
  modelTasks,
  type Recipe,
} from '@engram/domain';
import { z } from 'zod';

const positive = z.number().positive().finite();

/**
 * How the target was trained, and so how its references are. Every field has a default; {@link parseModelManifest}
 * says which were filled in, because a reference trained by a guessed recipe is a weaker reference.
 */
export const recipe = z
  .strictObject({
    optimizer: z
      .strictObject({
        kind: z.enum(['sgd', 'momentum', 'adam', 'adamw']).default('adam'),
        learningRate: positive.default(1e-3),
        momentum: z.number().min(0).lt(1).optional(),
      })
      .prefault({}),
    epochs: z.number().int().min(1).max(100_000).default(30),
    batchSize: z.number().int().min(1).max(65_536).default(64),
    loss: z
      .enum(['crossEntropy', 'meanSquaredError'])
      .optional()
      .describe('meanSquaredError for a regression, crossEntropy for every other task: the default says so by itself'),
    weightDecay: z.number().min(0).finite().default(0),
    schedule: z.enum(['constant', 'cosine', 'linear']).default('constant'),
    augmentation: z
      .array(z.enum(augmentations))
      .refine((names) => new Set(names).size === names.length, 'name each augmentation once')
      .default([])
      .describe(
        'Forms of an image drawn anew in every epoch: mirror, the image or its mirror image; shift, the image where it is or moved by one pixel, what that uncovers reflected.',
      ),
    seed: z.number().int().min(0).max(0xffff_ffff).default(1),
  })
  .refine((value) => value.optimizer.momentum === undefined || value.optimizer.kind === 'momentum', {
    path: ['optimizer', 'momentum'],
    message: 'momentum belongs to the momentum optimizer only',
  });

/** Weights of the target written during its training, in the layout of its final weights. */
const checkpoint = z.strictObject({
  /** Optimizer steps taken when the weights were written; 0 = before training. */
  step: z.number().int().min(0),
  file: z.string().min(1),
});
export type Checkpoint = z.infer<typeof checkpoint>;

/** What an uploader says about a model; what the files say is in `InspectedModel`. */
export const modelManifest = z
  .strictObject({
    name: z.string().min(1).max(200),
    kind: z.enum(modelKinds),
    task: z.enum(modelTasks).optional(),
    output: z
      .enum(['logits', 'probabilities', 'labels'])
      .optional()
      .describe(
        'labels: the class of each sample is all that is read of its answers, whatever else the model computes',
      ),
    features: z
      .string()
      .min(1)
      .optional()
      .describe(
        'onnx: name of the output that gives what the last dense layer reads, beside the one for classes or the prediction',
      ),
    training: recipe.safeExtend({ checkpoints: z.array(checkpoint).min(1).max(1000).optional() }).optional(),
  })
  .transform((manifest) => {
    const task =
      manifest.task ?? (manifest.kind === 'causal-lm' ? ('causal-lm' as const) : ('classification' as const));
    const { training } = manifest;
    return {
      ...manifest,
      task,
      ...(training === undefined ? {} : { training: { ...training, loss: training.loss ?? lossOf(task) } }),
    };
  })
  .superRefine((manifest, context) => {
    if (manifest.kind === 'tfjs-layers' && manifest.task === 'causal-lm')
      context.addIssue({
        code: 'custom',
        path: ['task'],
        message: 'a tfjs-layers model is a classifier or a regression: task must be classification or regression',
      });
    if (manifest.kind === 'causal-lm' && manifest.task !== 'causal-lm')
      context.addIssue({ code: 'custom', path: ['task'], message: 'a causal-lm model has task causal-lm' });
    if (manifest.task === 'causal-lm' && (manifest.training?.augmentation.length ?? 0) > 0)
      context.addIssue({
        code: 'custom',
        path: ['training', 'augmentation'],
        message: 'augmentation changes images, and a language model is trained on texts: leave the list empty',
      });
    if (manifest.task === 'regression' && manifest.output !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['output'],
        message: 'a regression answers with one number: leave output out',
      });
    const loss = lossOf(manifest.task);
    if (manifest.training !== undefined && manifest.training.loss !== loss)
      context.addIssue({
        code: 'custom',
        path: ['training', 'loss'],
        message: `a ${manifest.task} model is trained by ${loss}, got ${manifest.training.loss}`,
      });
    if (manifest.task === 'causal-lm' && (manifest.output ?? 'logits') !== 'logits')
      context.addIssue({
        code: 'custom',
        path: ['output'],
        message: 'language models are read through their logits: leave output out',
      });
    if (manifest.features !== undefined && (manifest.kind !== 'onnx' || manifest.task === 'causal-lm'))
      context.addIssue({
        code: 'custom',
        path: ['features'],
        message: 'features names an output of an ONNX classifier or regression: leave it out for other models',
      });
    if (manifest.output === 'labels')
      for (const [given, path] of [
        [manifest.features, ['features']],
        [manifest.training?.checkpoints, ['training', 'checkpoints']],
      ] as const)
        if (given !== undefined)
          context.addIssue({
            code: 'custom',
            path: [...path],
            message: `${path.join('.')} tells more of the model than labels: leave it out, or the output`,
          });
    const steps = manifest.training?.checkpoints?.map((each) => each.step) ?? [];
    if (steps.some((step, index) => index > 0 && step <= steps[index - 1]!))
      context.addIssue({
        code: 'custom',
        path: ['training', 'checkpoints'],
        message: 'checkpoint steps must increase',
      });
  });
export type ModelManifest = z.infer<typeof modelManifest>;

/** A manifest, and JSON pointers to the recipe's fields that were absent and filled by defaults. */
export interface ParsedManifest {
  readonly manifest: ModelManifest;
  readonly defaulted: readonly string[];
}

/**
 * Parses what an uploader wrote about a model.
 *
 * @param given any JSON value.
 * @throws ENG_MANIFEST_INVALID with a pointer and a message for every fault.
 */
export function parseModelManifest(given: unknown): ParsedManifest {
  const parsed = modelManifest.safeParse(given);
  if (!parsed.success) {
    const faults: FieldFault[] = parsed.error.issues.map((issue) => ({
      pointer: issue.path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
      message: issue.message,
    }));
    throw new EngramError('ENG_MANIFEST_INVALID', `the model's manifest has ${faults.length} fault(s)`, {
      remedy: 'Correct the fields named in faults; the model manifest is described in the API reference.',
      faults,
    });
  }
  const training = parsed.data.training;
  const raw = (given as { training?: Record<string, unknown> }).training;
  return {
    manifest: parsed.data,
    defaulted: training === undefined ? [] : absentPointers(raw ?? {}, training, '/training'),
  };
}

/** What models of a task are trained by. */
export function lossOf(task: ModelTask): Recipe['loss'] {
  return task === 'regression' ? 'meanSquaredError' : 'crossEntropy';
}

/** The recipe part of a manifest's training section, or a recipe of its own, its loss settled for a task. */
export function recipeOf(
  training: z.infer<typeof recipe> & { readonly checkpoints?: readonly Checkpoint[] | undefined },
  task: ModelTask,
): Recipe {
  const { checkpoints: _checkpoints, ...rest } = training;
  const { momentum, ...optimizer } = rest.optimizer;
  return {
    ...rest,
    // In one order: how a request lists them makes no other recipe.
    augmentation: augmentations.filter((name) => rest.augmentation.includes(name)),
    loss: rest.loss ?? lossOf(task),
    optimizer: momentum === undefined ? optimizer : { ...optimizer, momentum },
  };
}

function absentPointers(raw: Record<string, unknown>, filled: Record<string, unknown>, base: string): string[] {
  return Object.entries(filled).flatMap(([name, value]) => {
    const pointer = `${base}/${name}`;
    const given = raw[name];
    if (name === 'checkpoints') return [];
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return absentPointers((given ?? {}) as Record<string, unknown>, value as Record<string, unknown>, pointer);
    return given === undefined && value !== undefined ? [pointer] : [];
  });
}
