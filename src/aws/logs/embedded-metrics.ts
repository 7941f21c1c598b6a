/** Metrics inside of a log event: `{"_aws": {"Timestamp": ..., "CloudWatchMetrics": [...]}, "Latency": 12, "Page": "a"}`. */
import type { LogEvent } from '../../base/ports.ts';

export interface Datum {
  readonly namespace: string;
  readonly MetricName: string;
  readonly Value?: number;
  readonly Values?: readonly number[];
  readonly Timestamp: Date;
  readonly Unit: string;
  readonly StorageResolution?: number;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
}

/** AWS's own limits: a document with more is not looked at. */
const MOST_METRICS = 100;
const MOST_DIMENSIONS = 30;

/** Nothing where the event is of another form: a log line may be anything. */
export function embeddedMetrics({ message }: LogEvent): Datum[] {
  if (!message.includes('"CloudWatchMetrics"')) return [];
  const document = parsed(message);
  const aws = asObject(document?.['_aws']);
  const { Timestamp: timestamp, CloudWatchMetrics: directives } = aws ?? {};
  if (document === undefined || typeof timestamp !== 'number' || !Array.isArray(directives)) return [];
  return directives.flatMap((directive) => dataOf(document, asObject(directive), new Date(timestamp)));
}

type Document = Readonly<Record<string, unknown>>;

function dataOf(document: Document, directive: Document | undefined, Timestamp: Date): Datum[] {
  const { Namespace: namespace, Dimensions: sets, Metrics: metrics } = directive ?? {};
  if (typeof namespace !== 'string' || !Array.isArray(metrics) || metrics.length > MOST_METRICS) return [];
  const dimensionSets = Array.isArray(sets) && sets.length > 0 ? sets : [[]];
  return metrics.flatMap((metric) => {
    const { Name, Unit, StorageResolution } = asObject(metric) ?? {};
    if (typeof Name !== 'string') return [];
    const measured = valueOf(document[Name]);
    if (measured === undefined) return [];
    return dimensionSets.flatMap((names: unknown): Datum[] => {
      const Dimensions = dimensionsOf(document, names);
      if (Dimensions === undefined) return [];
      const resolution = StorageResolution === 1 ? { StorageResolution: 1 } : {};
      const unit = typeof Unit === 'string' ? Unit : 'None';
      return [{ namespace, MetricName: Name, ...measured, Timestamp, Unit: unit, ...resolution, Dimensions }];
    });
  });
}

function valueOf(value: unknown): Pick<Datum, 'Value' | 'Values'> | undefined {
  if (typeof value === 'number') return { Value: value };
  const isList = Array.isArray(value) && value.length > 0 && value.length <= MOST_METRICS;
  return isList && value.every((one) => typeof one === 'number') ? { Values: value } : undefined;
}

/** Each names a member of the document that has a text. */
function dimensionsOf(document: Document, names: unknown): Datum['Dimensions'] | undefined {
  if (!Array.isArray(names) || names.length > MOST_DIMENSIONS) return undefined;
  const found = names.flatMap((Name: unknown) => {
    const Value = typeof Name === 'string' ? document[Name] : undefined;
    return typeof Name === 'string' && typeof Value === 'string' ? [{ Name, Value }] : [];
  });
  return found.length === names.length ? found : undefined;
}

const asObject = (value: unknown): Document | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Document) : undefined; // any JSON object

function parsed(message: string): Document | undefined {
  try {
    return asObject(JSON.parse(message));
  } catch {
    return undefined;
  }
}
