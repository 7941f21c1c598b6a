/** What `/_gatehouse/metrics` tells: requests, functions and the process, since the start. */
import type { Observation } from '../base/observation.ts';
import { Histogram, histogramLines, labelsOf, metricLines } from './prometheus.ts';

export type InvocationResult = 'ok' | 'error' | 'throttled' | 'refused';

export interface ServerMetrics {
  request(observation: Observation): void;
  /** `refused` calls may name functions that do not exist: they are counted together. */
  invocation(functionName: string, result: InvocationResult, durationMs: number): void;
  /** Figures of others, read when the page is printed. */
  gauge(name: string, help: string, read: () => number, type?: 'counter' | 'gauge'): void;
  print(): string;
}

interface Count {
  readonly labels: string;
  value: number;
}

interface Place {
  readonly latency: Histogram;
  readonly integration: Histogram;
  /** By method and status class: `GET 2`. */
  readonly requests: Map<string, Count>;
  /** Answers that the stage's cache had, and had not. */
  readonly cache: Map<string, Count>;
  responseBytes: number;
}

/** A client may send any word as its method: the number of series must not be its to choose. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

export function createServerMetrics(): ServerMetrics {
  const places = new Map<string, Map<string, Place>>();
  const invocations = new Map<string, Count>();
  const durations = new Map<string, Histogram>();
  const gauges = new Map<string, () => string[]>();

  const placeOf = (api: string, stage: string): Place => {
    let stages = places.get(api);
    if (stages === undefined) places.set(api, (stages = new Map()));
    let place = stages.get(stage);
    if (place === undefined) {
      const labels = { api, stage };
      place = {
        latency: new Histogram(labels),
        integration: new Histogram(labels),
        requests: new Map(),
        cache: new Map(),
        responseBytes: 0,
      };
      stages.set(stage, place);
    }
    return place;
  };

  return {
    request(observation) {
      const { apiId, stageName, method, status, startedAt, endedAt, cache } = observation;
      const { integrationLatencyMs, responseBytes } = observation;
      const place = placeOf(apiId, stageName);
      const known = METHODS.has(method) ? method : 'other';
      add(place.requests, `${known} ${(status / 100) | 0}`, () => ({
        api: apiId,
        stage: stageName,
        method: known,
        status: status === 0 ? 'abandoned' : `${(status / 100) | 0}xx`,
      }));
      place.latency.observe((endedAt - startedAt) / 1000);
      if (integrationLatencyMs !== undefined) place.integration.observe(integrationLatencyMs / 1000);
      place.responseBytes += responseBytes;
      if (cache !== undefined)
        add(place.cache, cache, () => ({ api: apiId, stage: stageName, result: cache }));
    },
    invocation(functionName, result, durationMs) {
      const name = result === 'refused' ? '' : functionName;
      add(invocations, `${name} ${result}`, () => ({ function: name, result }));
      if (result !== 'ok' && result !== 'error') return;
      let histogram = durations.get(name);
      if (histogram === undefined) durations.set(name, (histogram = new Histogram({ function: name })));
      histogram.observe(durationMs / 1000);
    },
    gauge(name, help, read, type = 'gauge') {
      gauges.set(name, () => metricLines(name, type, help, [['', read()]]));
    },
    print() {
      const every = [...places].flatMap(([api, stages]) =>
        [...stages].map(([stage, place]) => ({ labels: labelsOf({ api, stage }), place })),
      );
      return [
        ...metricLines(
          'gatehouse_requests_total',
          'counter',
          'Requests of APIs, by status class',
          every.flatMap(({ place }) => [...place.requests.values()].map(sampleOf)),
        ),
        ...metricLines(
          'gatehouse_cache_requests_total',
          'counter',
          'Requests of methods that are cached, by whether the cache had the answer',
          every.flatMap(({ place }) => [...place.cache.values()].map(sampleOf)),
        ),
        ...histogramLines(
          'gatehouse_request_duration_seconds',
          'From the head of a request to the end of its answer',
          every.map(({ place }) => place.latency),
        ),
        ...histogramLines(
          'gatehouse_integration_duration_seconds',
          'The part of it spent in the backend',
          every.map(({ place }) => place.integration),
        ),
        ...metricLines(
          'gatehouse_response_bytes_total',
          'counter',
          'Bytes of answers, without their heads',
          every.map(({ labels, place }) => [labels, place.responseBytes] as const),
        ),
        ...metricLines(
          'gatehouse_function_invocations_total',
          'counter',
          'Invocations of functions',
          [...invocations.values()].map(sampleOf),
        ),
        ...histogramLines(
          'gatehouse_function_duration_seconds',
          'Invocations that were answered',
          durations.values(),
        ),
        ...[...gauges.values()].flatMap((lines) => lines()),
        ...processLines(),
        '',
      ].join('\n');
    },
  };
}

const sampleOf = ({ labels, value }: Count) => [labels, value] as const;

function add(counts: Map<string, Count>, key: string, labels: () => Record<string, string>): void {
  const known = counts.get(key);
  if (known === undefined) counts.set(key, { labels: labelsOf(labels()), value: 1 });
  else known.value++;
}

/** Names: https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics */
function processLines(): string[] {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const startedAt = Date.now() / 1000 - process.uptime();
  return [
    ...metricLines('process_cpu_seconds_total', 'counter', 'User and system time', [
      ['', (user + system) / 1e6],
    ]),
    ...metricLines('process_resident_memory_bytes', 'gauge', 'Resident memory', [['', rss]]),
    ...metricLines('process_heap_bytes', 'gauge', 'Heap in use', [['', heapUsed]]),
    ...metricLines('process_start_time_seconds', 'gauge', 'When the process began', [['', startedAt]]),
  ];
}
