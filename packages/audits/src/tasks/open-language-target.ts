import { type OpenLanguageModel, openLanguageModel } from '@engram/models';
import type { ModelDescriptor } from '../resources.js';
import type { TaskContext } from './context.js';
import { driversFor, modelSource } from './open-target.js';

export async function openTargetLanguageModel(
  descriptor: ModelDescriptor,
  context: TaskContext,
): Promise<OpenLanguageModel> {
  return openLanguageModel(
    modelSource(descriptor, context),
    descriptor.inspected,
    await driversFor(descriptor, context),
  );
}
