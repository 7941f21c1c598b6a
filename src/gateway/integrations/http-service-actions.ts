/** How each operation that an HTTP API can name is sent: parameters by name to the bytes its service takes. */

export interface ServiceRequest {
  /** The endpoint's name, by which it is signed and found. */
  readonly service: string;
  readonly method: string;
  /** Path and query, encoded. */
  readonly target: string;
  readonly contentType: string;
  readonly headers: readonly string[];
  readonly body: string;
}

type Parameters = Readonly<Record<string, string>>;
type Compose = (parameters: Parameters) => ServiceRequest;

/** Keys of base/integration-subtypes.ts. */
export const serviceActions: Readonly<Record<string, Compose>> = {
  'AppConfig-GetConfiguration': appConfig,
  'EventBridge-PutEvents': (given) =>
    json('events', '1.1', 'AWSEvents.PutEvents', { Entries: [entryOf(given)] }),
  'Kinesis-PutRecord': ({ Data = '', ...given }) =>
    // A blob travels as base64: what was mapped is what the record holds.
    json('kinesis', '1.1', 'Kinesis_20131202.PutRecord', {
      ...given,
      Data: Buffer.from(Data).toString('base64'),
    }),
  'SQS-DeleteMessage': (given) => query('DeleteMessage', Object.entries(given)),
  'SQS-PurgeQueue': (given) => query('PurgeQueue', Object.entries(given)),
  'SQS-ReceiveMessage': receiveMessage,
  'SQS-SendMessage': sendMessage,
  'StepFunctions-StartExecution': (given) => stepFunctions('StartExecution', given),
  'StepFunctions-StartSyncExecution': (given) => stepFunctions('StartSyncExecution', given),
  'StepFunctions-StopExecution': (given) => stepFunctions('StopExecution', given),
};

function json(service: string, version: string, target: string, members: object): ServiceRequest {
  return {
    service,
    method: 'POST',
    target: '/',
    contentType: `application/x-amz-json-${version}`,
    headers: ['X-Amz-Target', target],
    body: JSON.stringify(members),
  };
}

/** Members of Step Functions begin in lower case. */
function stepFunctions(operation: string, given: Parameters): ServiceRequest {
  const members = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name.charAt(0).toLowerCase() + name.slice(1), value]),
  );
  return json('states', '1.0', `AWSStepFunctions.${operation}`, members);
}

/** SQS answers such an integration in XML, as it did when these came to be. */
function query(action: string, parameters: readonly (readonly [string, string])[]): ServiceRequest {
  const pairs = [['Action', action], ['Version', '2012-11-05'], ...parameters] as const;
  return {
    service: 'sqs',
    method: 'POST',
    target: '/',
    contentType: 'application/x-www-form-urlencoded',
    headers: [],
    body: pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&'),
  };
}

function sendMessage({
  MessageAttributes = '{}',
  MessageSystemAttributes = '{}',
  ...given
}: Parameters): ServiceRequest {
  return query('SendMessage', [
    ...Object.entries(given),
    ...attributes('MessageAttribute', MessageAttributes),
    ...attributes('MessageSystemAttribute', MessageSystemAttributes),
  ]);
}

/** `{"name": {"DataType": "String", "StringValue": "x"}}` as `MessageAttribute.1.Name` and so on. */
function attributes(prefix: string, text: string): (readonly [string, string])[] {
  return Object.entries(objectOf(text)).flatMap(([name, attribute], at) => [
    [`${prefix}.${at + 1}.Name`, name] as const,
    ...Object.entries(objectOf(attribute)).map(
      ([member, value]) => [`${prefix}.${at + 1}.Value.${member}`, String(value)] as const,
    ),
  ]);
}

function receiveMessage({
  AttributeName,
  AttributeNames = AttributeName,
  MessageAttributeNames,
  ...given
}: Parameters): ServiceRequest {
  return query('ReceiveMessage', [
    ...Object.entries(given),
    ...listOf(AttributeNames).map((name, at) => [`AttributeName.${at + 1}`, name] as const),
    ...listOf(MessageAttributeNames).map((name, at) => [`MessageAttributeName.${at + 1}`, name] as const),
  ]);
}

/** Times are seconds since 1970 to the service; texts of ISO 8601 are what people map. */
function entryOf({ Time, Resources, ...given }: Parameters): object {
  const seconds =
    Time === undefined ? undefined : /^\d+(\.\d+)?$/.test(Time) ? Number(Time) : Date.parse(Time) / 1000;
  return {
    ...given,
    ...(seconds === undefined ? {} : { Time: seconds }),
    ...(Resources === undefined ? {} : { Resources: listOf(Resources) }),
  };
}

function appConfig(given: Parameters): ServiceRequest {
  const part = (name: string): string => encodeURIComponent(given[name] ?? '');
  const version = given['ClientConfigurationVersion'];
  return {
    service: 'appconfig',
    method: 'GET',
    target: `/applications/${part('Application')}/environments/${part('Environment')}/configurations/${part('Configuration')}?client_id=${part('ClientId')}${version === undefined ? '' : `&client_configuration_version=${encodeURIComponent(version)}`}`,
    contentType: 'application/json',
    headers: [],
    body: '',
  };
}

/** A JSON array, or names between commas. */
function listOf(text: string | undefined): string[] {
  if (text === undefined) return [];
  const parsed = parse(text);
  if (Array.isArray(parsed)) return parsed.map(String);
  return text
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

function objectOf(value: unknown): Record<string, unknown> {
  const found = typeof value === 'string' ? parse(value) : value;
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return {};
  return found as Record<string, unknown>; // a JSON object is just that
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
