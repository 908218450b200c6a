import { asEngramError, type EngramError } from '@engram/domain';
import { type DestinationStream, type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** Fields that would hold a credential or a piece of a user's data, wherever a caller puts them. */
const withheld = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'apiKey',
  'key',
  'token',
  'redisUrl',
  'databaseUrl',
  'sample',
  'samples',
  'text',
  'texts',
  'prompt',
  'prefix',
  'suffix',
  'generation',
  'generations',
  'tokens',
] as const;

export interface LoggerOptions {
  /** Which process speaks: `api`, `worker`, `compute`. */
  readonly name: string;
  readonly level: string;
  /** Standard output unless given. */
  readonly destination?: DestinationStream;
}

/**
 * A logger of events: a constant message plus fields (`auditId`, `jobId`, `attempt`, `durationMs`), one JSON object a
 * line, times in UTC. Credentials and sample content are replaced by `[withheld]` at the top level and down to two
 * levels below; errors are written as code, message, details and stack.
 */
export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      name: options.name,
      level: options.level,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), bindings: ({ pid, name }) => ({ pid, name }) },
      serializers: { err: describeError, error: describeError },
      redact: {
        paths: withheld.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
        censor: '[withheld]',
      },
    },
    options.destination ?? pino.destination({ dest: 1, sync: true }),
  );
}

/** What a log line says of an error. The cause's message may come from a driver and quote data: only its name is kept. */
function describeError(thrown: unknown): Readonly<Record<string, unknown>> {
  const error: EngramError = asEngramError(thrown);
  const cause = error.cause;
  return {
    code: error.code,
    message: error.message,
    ...(Object.keys(error.details).length === 0 ? {} : { details: error.details }),
    ...(cause instanceof Error ? { cause: { name: cause.name, stack: cause.stack } } : {}),
    stack: error.stack,
  };
}
