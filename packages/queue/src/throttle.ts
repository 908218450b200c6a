/** Passes on the latest value at most once per period; `flush` waits for what is still on its way. */
export interface Throttle<T> {
  (value: T): void;
  flush(): Promise<void>;
}

/** @param send its failures are its own affair: a lost value is followed by a later one. */
export function throttled<T>(periodMs: number, send: (value: T) => Promise<unknown>): Throttle<T> {
  let latest: { readonly value: T } | undefined;
  let timer: NodeJS.Timeout | undefined;
  let sending: Promise<unknown> = Promise.resolve();
  const pass = (): void => {
    timer = undefined;
    if (latest === undefined) return;
    const { value } = latest;
    latest = undefined;
    sending = sending.then(() => send(value)).catch(() => {});
    timer = setTimeout(pass, periodMs);
  };
  const throttle = (value: T): void => {
    latest = { value };
    if (timer === undefined) pass();
  };
  return Object.assign(throttle, {
    async flush() {
      clearTimeout(timer);
      timer = undefined;
      latest = undefined;
      await sending;
    },
  });
}
