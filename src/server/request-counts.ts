/** Counts of served API requests, and the server's own figures, in Prometheus's text form. */
import type { Observation } from '../base/observation.ts';

export interface RequestCounts {
  count(observation: Observation): void;
  /** https://prometheus.io/docs/instrumenting/exposition_formats/ */
  print(): string;
}

interface Row {
  readonly labels: string;
  requests: number;
  milliseconds: number;
}

export function createRequestCounts(): RequestCounts {
  const rows = new Map<string, Row>();
  return {
    count({ apiId, stageName, status, startedAt, endedAt }) {
      const key = `${apiId}/${stageName}/${status}`;
      const row = rows.get(key) ?? {
        labels: labelsOf(apiId, stageName, status),
        requests: 0,
        milliseconds: 0,
      };
      row.requests++;
      row.milliseconds += endedAt - startedAt;
      rows.set(key, row);
    },
    print() {
      const every = [...rows.values()];
      return [
        ...metric(
          'gatehouse_requests_total',
          'counter',
          'Requests answered',
          every.map((row) => [row.labels, row.requests]),
        ),
        ...metric(
          'gatehouse_request_seconds_total',
          'counter',
          'Time spent on them',
          every.map((row) => [row.labels, row.milliseconds / 1000]),
        ),
        ...metric('process_resident_memory_bytes', 'gauge', 'Resident memory', [
          ['', process.memoryUsage.rss()],
        ]),
        ...metric('process_uptime_seconds', 'gauge', 'Time since the start', [['', process.uptime()]]),
        '',
      ].join('\n');
    },
  };
}

const labelsOf = (api: string, stage: string | undefined, status: number): string =>
  `{api="${escape(api)}",stage="${escape(stage ?? '')}",status="${status}"}`;

const escape = (text: string): string =>
  text.replace(/[\\"\n]/g, (mark) => (mark === '\n' ? '\\n' : `\\${mark}`));

function metric(
  name: string,
  type: string,
  help: string,
  samples: readonly (readonly [string, number])[],
): string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(([labels, value]) => `${name}${labels} ${value}`),
  ];
}
