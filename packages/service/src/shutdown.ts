import type { Logger } from './logger.js';

/** What {@link onShutdown} listens to and ends: the process, or a stand-in of a test. */
export interface SignalSource {
  on(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  off(signal: 'SIGINT' | 'SIGTERM', listener: () => void): unknown;
  exit(code: number): void;
}

export interface ShutdownOptions {
  readonly logger: Logger;
  /** All parts together may take this long; then the process ends with 1. */
  readonly graceMs?: number;
  readonly process?: SignalSource;
}

export interface Shutdown {
  /** Registers a part to close. Parts close one after another, the last opened first. */
  add(name: string, close: () => Promise<void> | void): void;
  /** Aborted as soon as stopping begins: accept nothing new. */
  readonly signal: AbortSignal;
  /** Closes every part; safe to call more than once. A part that fails to close does not keep the others open. */
  close(reason: string): Promise<void>;
}

/**
 * Ordered stop of a process on SIGTERM and SIGINT. A second signal, or the grace period running out, ends it at once:
 * whatever was under way is then picked up again by whoever starts next.
 */
export function onShutdown(options: ShutdownOptions): Shutdown {
  const { logger, graceMs = 30_000, process: source = process as SignalSource } = options;
  const parts: { readonly name: string; readonly close: () => Promise<void> | void }[] = [];
  const abort = new AbortController();
  let closing: Promise<number> | undefined;

  const closeParts = async (reason: string): Promise<number> => {
    logger.info({ reason }, 'stopping');
    let failures = 0;
    for (const part of parts.splice(0).reverse()) {
      const startedAt = performance.now();
      try {
        await part.close();
        logger.debug({ part: part.name, durationMs: Math.round(performance.now() - startedAt) }, 'part closed');
      } catch (err) {
        failures++;
        logger.error({ part: part.name, err }, 'part failed to close');
      }
    }
    logger.info({ failures }, 'stopped');
    return failures;
  };
  const stop = (reason: string): Promise<number> => {
    abort.abort(reason);
    closing ??= closeParts(reason);
    return closing;
  };
  const onSignal = (signal: 'SIGINT' | 'SIGTERM', status: number) => () => {
    if (closing !== undefined) {
      logger.warn({ reason: signal }, 'stopped at once on a second signal');
      source.exit(status);
      return;
    }
    const timer = setTimeout(() => {
      logger.error({ graceMs }, 'stopped at once: parts did not close in time');
      source.exit(1);
    }, graceMs);
    timer.unref();
    void stop(signal).then((failures) => {
      clearTimeout(timer);
      source.off('SIGINT', interrupt);
      source.off('SIGTERM', terminate);
      source.exit(failures === 0 ? 0 : 1);
    });
  };
  const interrupt = onSignal('SIGINT', 130);
  const terminate = onSignal('SIGTERM', 143);
  source.on('SIGINT', interrupt);
  source.on('SIGTERM', terminate);

  return {
    add: (name, close) => void parts.push({ name, close }),
    signal: abort.signal,
    async close(reason) {
      await stop(reason);
      source.off('SIGINT', interrupt);
      source.off('SIGTERM', terminate);
    },
  };
}
