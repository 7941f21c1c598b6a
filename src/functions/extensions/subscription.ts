/** A subscription as an extension asks for it, with AWS's defaults and limits. */

export type TelemetryType = 'platform' | 'function' | 'extension';

export type TelemetryDestination =
  | { readonly protocol: 'HTTP'; readonly port: number; readonly path: string }
  | { readonly protocol: 'TCP'; readonly port: number };

export interface Subscription {
  readonly types: readonly TelemetryType[];
  readonly maxItems: number;
  readonly maxBytes: number;
  readonly timeoutMs: number;
  readonly destination: TelemetryDestination;
}

/** https://docs.aws.amazon.com/lambda/latest/dg/telemetry-api.html#telemetry-api-buffering */
const BUFFERING = {
  maxItems: { min: 1000, default: 10_000, max: 10_000 },
  maxBytes: { min: 262_144, default: 262_144, max: 1_048_576 },
  timeoutMs: { min: 25, default: 1000, max: 30_000 },
} as const;

const TYPES: readonly string[] = ['platform', 'function', 'extension'];

/** The text of a refusal when it is none. */
export function readSubscription(body: Buffer | undefined): Subscription | string {
  const value = parse(body);
  const types = Reflect.get(value, 'types') as unknown;
  if (!Array.isArray(types) || types.length === 0 || !types.every((type) => TYPES.includes(type)))
    return 'types must be a non-empty list of platform, function and extension';
  const destination = readDestination(Reflect.get(value, 'destination'));
  if (typeof destination === 'string') return destination;
  const given = objectOf(Reflect.get(value, 'buffering'));
  const buffering: Record<string, number> = {};
  for (const [name, range] of Object.entries(BUFFERING)) {
    const number: unknown = Reflect.get(given, name) ?? range.default;
    if (typeof number !== 'number' || number < range.min || number > range.max)
      return `buffering.${name} must be from ${range.min} to ${range.max}`;
    buffering[name] = number;
  }
  const { maxItems = 0, maxBytes = 0, timeoutMs = 0 } = buffering;
  return { types, destination, maxItems, maxBytes, timeoutMs };
}

/** Extensions listen on `sandbox.localdomain`, which is this machine. */
function readDestination(value: unknown): TelemetryDestination | string {
  const given = objectOf(value);
  const protocol: unknown = Reflect.get(given, 'protocol');
  if (protocol === 'TCP') {
    const port: unknown = Reflect.get(given, 'port');
    return typeof port === 'number' ? { protocol, port } : 'destination.port is required';
  }
  if (protocol !== 'HTTP') return 'destination.protocol must be HTTP or TCP';
  try {
    const url = new URL(String(Reflect.get(given, 'URI')));
    if (!/^(sandbox(\.localdomain)?|localhost|127\.0\.0\.1)$/.test(url.hostname))
      return 'destination.URI must be on sandbox.localdomain';
    return { protocol, port: Number(url.port || '80'), path: url.pathname + url.search };
  } catch {
    return 'destination.URI is not a URI';
  }
}

const objectOf = (value: unknown): object => (typeof value === 'object' && value !== null ? value : {});

function parse(body: Buffer | undefined): object {
  try {
    return objectOf(JSON.parse(body?.toString('utf8') ?? ''));
  } catch {
    return {};
  }
}
