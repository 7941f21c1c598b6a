/**
 * Integrations name a service's operation and leave it to API Gateway how it is sent: here each service of the wire
 * gets it in the protocol it speaks.
 * https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html, `uri`
 */
import { Fault } from '../base/fault.ts';
import type { AwsAction } from '../gateway/ports.ts';
import { operationsOf } from '../wire/schema.ts';
import { type Route, routesOf } from '../wire/router.ts';
import type { ServiceRow } from '../wire/services.ts';

export interface SentAction {
  /** Absent: the integration's own. */
  readonly method?: string;
  readonly path: string;
  /** Name and value, neither encoded. */
  readonly query: readonly (readonly [string, string])[];
  readonly headers: readonly string[];
}

export async function requestOfAction(
  row: ServiceRow | undefined,
  action: AwsAction,
  body: Uint8Array,
): Promise<SentAction> {
  if (row === undefined) return asQuery(undefined, action);
  // SQS and CloudWatch speak JSON and still understand the query protocol, which is what integrations of old send them.
  if (row.queryCompatible === true && !looksLikeJson(body)) return asQuery(row, action);
  switch (row.protocol) {
    case 'awsQuery':
    case 'awsQueryJson':
    case 'ec2Query':
      return asQuery(row, action);
    case 'awsJson1_0':
    case 'awsJson1_1':
    case 'rpcv2Cbor':
      return asTarget(row, action);
    case 'restJson1':
    case 'restXml':
      return asRest(row, action);
    default:
      return row.protocol satisfies never;
  }
}

const looksLikeJson = (body: Uint8Array): boolean => body.length > 0 && body[0] === 0x7b;

const asQuery = (row: ServiceRow | undefined, { name, parameters }: AwsAction): SentAction => ({
  path: '/',
  query: [
    ['Action', name],
    ...(row === undefined ? [] : [['Version', row.apiVersion] as const]),
    ...parameters,
  ],
  headers: [],
});

const asTarget = (row: ServiceRow, { name, parameters }: AwsAction): SentAction => ({
  method: 'POST',
  path: '/',
  query: parameters,
  headers: [
    'X-Amz-Target',
    `${row.targetPrefix}.${name}`,
    'Content-Type',
    `application/x-amz-json-${row.protocol === 'awsJson1_1' ? '1.1' : '1.0'}`,
  ],
});

async function asRest(row: ServiceRow, { name, parameters }: AwsAction): Promise<SentAction> {
  const operation = operationsOf(await row.loadSchemas()).get(name);
  const [route] = operation === undefined ? [] : routesOf([operation]);
  if (route === undefined) throw new Fault('InvalidAction', `${row.serviceId} has no operation ${name}`);
  const given = new Map(parameters);
  const bucket = row.id === 's3' ? taken(given, 'Bucket') : undefined;
  const path = `${bucket === undefined ? '' : `/${bucket}`}/${filled(route.segments, given)}`;
  return { method: route.method, path, query: [...route.literals, ...given], headers: [] };
}

function filled(segments: Route['segments'], given: Map<string, string>): string {
  return segments
    .map((segment) => (segment.kind === 'literal' ? segment.text : (taken(given, segment.name) ?? '')))
    .join('/');
}

/** What has found its place in the path is no parameter any more. */
function taken(given: Map<string, string>, name: string): string | undefined {
  const value = given.get(name);
  given.delete(name);
  return value;
}
