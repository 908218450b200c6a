import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { EngramError, type FieldFault } from '@engram/domain';
import { z } from 'zod';
import { byteSize, type ConfiguredKey, configuredKeys, oneOf, urlOf, wholeNumber } from './variables.js';

/** Every variable a process may be set by. What is not listed here is not read. */
export const environmentVariables = {
  ENGRAM_HOST: z.string().trim(),
  ENGRAM_PORT: wholeNumber(0, 65535, 'use a free port such as 7373 (0 = any free one)'),
  ENGRAM_DATA_DIR: z.string().trim(),
  ENGRAM_CACHE_DIR: z.string().trim(),
  XDG_CACHE_HOME: z.string().trim(),
  DATABASE_URL: urlOf(
    ['postgres:', 'postgresql:'],
    'postgres://user:password@host:5432/database, or leave it unset for the embedded database',
  ),
  REDIS_URL: urlOf(['redis:', 'rediss:'], 'redis://:password@host:6379, or leave it unset for the embedded server'),
  ENGRAM_QUEUE_PREFIX: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9_-]{1,40}$/, 'expected 1 to 40 letters, digits, - or _'),
  ENGRAM_DEVICE: oneOf(['auto', 'cpu', 'cuda'], 'auto takes an NVIDIA GPU when there is one'),
  ENGRAM_ENGINE: oneOf(['auto', 'recorded', 'xla', 'eager'], 'auto chooses per program'),
  ENGRAM_COMPUTE_SLOTS: wholeNumber(0, 64, 'one per GPU, or 1 on a CPU; 0 takes no compute tasks'),
  ENGRAM_LIGHT_SLOTS: wholeNumber(0, 64, '2 suits most machines; 0 takes no light tasks'),
  ENGRAM_UPLOAD_LIMIT: byteSize('it bounds each uploaded file'),
  ENGRAM_API_KEYS: configuredKeys,
  ENGRAM_LOG_LEVEL: oneOf(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'], 'info is the default'),
} as const;

export interface Settings {
  /** Where the API listens. */
  readonly host: string;
  readonly port: number;
  /** Absolute. Artifacts, embedded database, embedded Redis. */
  readonly dataDir: string;
  /** Absolute. What set-up took from package registries; safe to delete. */
  readonly cacheDir: string;
  /** Absent: an embedded database under `dataDir`. */
  readonly databaseUrl?: string;
  /** Absent: a Redis server of our own under `dataDir`. */
  readonly redisUrl?: string;
  /** Names everything this deployment keeps in Redis. */
  readonly queuePrefix: string;
  readonly device: 'auto' | 'cpu' | 'cuda';
  readonly engine: 'auto' | 'recorded' | 'xla' | 'eager';
  /** How many tasks of each resource one worker runs at once. */
  readonly slots: { readonly compute: number; readonly light: number };
  readonly limits: { readonly uploadBytes: number };
  /** Keys given by the environment, beside those kept (hashed) in the database. */
  readonly apiKeys: readonly ConfiguredKey[];
  /** True when the API listens beyond this machine: it must not start without keys. */
  readonly keysRequired: boolean;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';
}

/**
 * The settings of a process, from its environment. Called once, at start; nothing else reads the environment.
 *
 * @param environment usually `process.env`, with `--port` and the like already laid over it.
 * @param folder what relative paths are relative to.
 * @throws ENG_SETTINGS_INVALID with one fault per variable, each naming the variable and what to write instead.
 */
export function readSettings(
  environment: Readonly<Record<string, string | undefined>>,
  folder: string = process.cwd(),
): Settings {
  const faults: FieldFault[] = [];
  const read = <Name extends keyof typeof environmentVariables>(
    name: Name,
  ): z.output<(typeof environmentVariables)[Name]> | undefined => {
    const text = environment[name];
    if (text === undefined || text.trim() === '') return undefined;
    const parsed = environmentVariables[name].safeParse(text);
    if (parsed.success) return parsed.data as z.output<(typeof environmentVariables)[Name]>;
    for (const issue of parsed.error.issues) faults.push({ pointer: `/${name}`, message: `${name}: ${issue.message}` });
    return undefined;
  };
  const absolute = (path: string): string => (isAbsolute(path) ? path : resolve(folder, path));

  const host = read('ENGRAM_HOST') ?? '127.0.0.1';
  const databaseUrl = read('DATABASE_URL');
  const redisUrl = read('REDIS_URL');
  const settings: Settings = {
    host,
    port: read('ENGRAM_PORT') ?? 7373,
    dataDir: absolute(read('ENGRAM_DATA_DIR') ?? '.engram'),
    cacheDir: absolute(read('ENGRAM_CACHE_DIR') ?? join(read('XDG_CACHE_HOME') ?? join(homedir(), '.cache'), 'engram')),
    ...(databaseUrl === undefined ? {} : { databaseUrl }),
    ...(redisUrl === undefined ? {} : { redisUrl }),
    queuePrefix: read('ENGRAM_QUEUE_PREFIX') ?? 'engram',
    device: read('ENGRAM_DEVICE') ?? 'auto',
    engine: read('ENGRAM_ENGINE') ?? 'auto',
    slots: { compute: read('ENGRAM_COMPUTE_SLOTS') ?? 1, light: read('ENGRAM_LIGHT_SLOTS') ?? 2 },
    limits: { uploadBytes: read('ENGRAM_UPLOAD_LIMIT') ?? 5 * 2 ** 30 },
    apiKeys: read('ENGRAM_API_KEYS') ?? [],
    keysRequired: !isLoopback(host),
    logLevel: read('ENGRAM_LOG_LEVEL') ?? 'info',
  };
  if (faults.length > 0)
    throw new EngramError('ENG_SETTINGS_INVALID', faults.map((fault) => fault.message).join('\n'), {
      faults,
      remedy: 'Correct or unset the variables named.',
    });
  return settings;
}

/** Whether an address can only be reached from this machine. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
