import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export interface MetricDescription<Label extends string> {
  /** With the unit as its last word: `engram_task_duration_seconds`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly Label[];
}

/** Metrics of one process. Label values come from closed sets (kinds, codes, routes), never from requests. */
export interface Metrics {
  counter<Label extends string>(description: MetricDescription<Label>): Counter<Label>;
  /** `read` is called at each scrape; without it the gauge is set by its owner. */
  gauge<Label extends string>(
    description: MetricDescription<Label>,
    read?: (gauge: Gauge<Label>) => Promise<void>,
  ): Gauge<Label>;
  histogram<Label extends string>(description: MetricDescription<Label>, buckets: readonly number[]): Histogram<Label>;
  /** The Prometheus text of everything registered, with the content type it must be served under. */
  render(): Promise<{ readonly contentType: string; readonly body: string }>;
  close(): void;
}

/** Upper bounds in seconds: requests are milliseconds, tasks are minutes. */
export const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;
export const taskBuckets = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 10_800] as const;

/**
 * A registry of its own, so that two services in one process (tests) do not meet; with the process's own figures
 * (memory, event-loop delay, garbage collection) under the prefix `engram_`.
 */
export function openMetrics(labels: Readonly<Record<string, string>> = {}): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels(labels);
  collectDefaultMetrics({ register: registry, prefix: 'engram_' });
  const common = <Label extends string>({ name, help, labels: labelNames = [] }: MetricDescription<Label>) => ({
    name,
    help,
    labelNames,
    registers: [registry],
  });
  return {
    counter: (description) => new Counter(common(description)),
    gauge: (description, read) =>
      new Gauge({
        ...common(description),
        ...(read === undefined
          ? {}
          : {
              async collect() {
                await read(this);
              },
            }),
      }),
    histogram: (description, buckets) => new Histogram({ ...common(description), buckets: [...buckets] }),
    async render() {
      return { contentType: registry.contentType, body: await registry.metrics() };
    },
    close: () => registry.clear(),
  };
}
