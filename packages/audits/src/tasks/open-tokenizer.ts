import { EngramError } from '@engram/domain';
import { createTokenizer, type Tokenizer } from '@engram/models';
import type { ModelDescriptor } from '../resources.js';
import type { TaskContext } from './context.js';
import { modelSource } from './open-target.js';

/** The tokenizer that lies with a language model, without its weights. */
export async function openTokenizer(descriptor: ModelDescriptor, context: TaskContext): Promise<Tokenizer> {
  const source = modelSource(descriptor, context);
  const read = async (name: string) => {
    const file = source.files.find(({ path }) => path === name || path.endsWith(`/${name}`));
    if (file === undefined) return undefined;
    return JSON.parse(new TextDecoder().decode(await source.read(file.path))) as Record<string, unknown>;
  };
  const json = await read('tokenizer.json');
  if (json === undefined) throw new EngramError('ENG_FILE_UNREADABLE', 'the model has no tokenizer.json');
  return createTokenizer(json, await read('tokenizer_config.json'));
}
