/** Which service and operation a request is for, and which protocol it speaks: read from the request itself. */
import { parseForm, type Pair } from './codecs/form.ts';
import type { Credential } from './credential.ts';
import { queryValue, type Head } from './head.ts';
import { services, type ProtocolName, type ServiceRow } from './services.ts';

export type Identified =
  | {
      readonly kind: 'service';
      readonly row: ServiceRow;
      readonly protocol: ProtocolName;
      /** Undefined with the REST protocols, whose router finds it. */
      readonly operation: string | undefined;
      /** The parameters of a query-protocol call. */
      readonly form?: readonly Pair[];
    }
  | {
      readonly kind: 'unknown';
      /** What the request calls the service, or '' when it names none. */
      readonly name: string;
      readonly protocol: ProtocolName;
    };

const rows: readonly ServiceRow[] = services;

/** `readBody` is called only when the parameters stand in the body. */
export async function identify(
  head: Head,
  credential: Credential | undefined,
  readBody: () => Promise<Uint8Array>,
): Promise<Identified> {
  if (head.headers['smithy-protocol'] === 'rpc-v2-cbor') return identifyCbor(head, credential);
  const target = head.headers['x-amz-target'];
  if (target !== undefined) return identifyTarget(head, target, credential);
  const form = await readForm(head, credential, readBody);
  if (form !== undefined) return identifyAction(head, form, credential);
  return identifyRest(head, credential);
}

const RPC_PATH = /\/service\/([^/]+)\/operation\/([^/?]+)$/;

function identifyCbor(head: Head, credential: Credential | undefined): Identified {
  const [, name = '', operation] = RPC_PATH.exec(head.path) ?? [];
  const row = rows.find((each) => each.targetPrefix === name) ?? onlySigned(credential);
  if (row === undefined) return { kind: 'unknown', name, protocol: 'rpcv2Cbor' };
  return { kind: 'service', row, protocol: 'rpcv2Cbor', operation };
}

/** The target's prefix wins over the credential scope: two services may share a signing name (DynamoDB and its streams). */
function identifyTarget(head: Head, target: string, credential: Credential | undefined): Identified {
  const dot = target.lastIndexOf('.');
  const prefix = target.slice(0, Math.max(dot, 0));
  const protocol = head.headers['content-type']?.includes('json-1.0') === true ? 'awsJson1_0' : 'awsJson1_1';
  const row = rows.find((each) => each.targetPrefix === prefix);
  if (row === undefined) return { kind: 'unknown', name: prefix || (credential?.service ?? ''), protocol };
  return { kind: 'service', row, protocol, operation: target.slice(dot + 1) };
}

/** The parameters, when there is an `Action`; S3 knows no actions, and `curl -d` claims a form for any body. */
async function readForm(
  head: Head,
  credential: Credential | undefined,
  readBody: () => Promise<Uint8Array>,
): Promise<readonly Pair[] | undefined> {
  const named = pathMemberOf(head, credential);
  if (head.path.length > 1 && named === undefined) return undefined;
  const fromPath: readonly Pair[] = named === undefined ? [] : [[named, head.path]];
  if (queryValue(head, 'Action') !== undefined) {
    const extra = head.method === 'POST' && isForm(head) ? parseForm(textOf(await readBody())) : [];
    return [...fromPath, ...head.query, ...extra];
  }
  const speaksRest = rowsSigned(credential).some(({ protocol }) => protocol.startsWith('rest'));
  if (head.method !== 'POST' || !isForm(head) || speaksRest) return undefined;
  const form = parseForm(textOf(await readBody()));
  return form.some(([name]) => name === 'Action') ? [...fromPath, ...form] : undefined;
}

/** The member that the path is, of a service that may be meant: its signer's, or anybody's without a signature. */
function pathMemberOf(head: Head, credential: Credential | undefined): string | undefined {
  const meant = credential === undefined ? rows : rowsSigned(credential);
  return meant.find(({ pathMember }) => pathMember?.pattern.test(head.path))?.pathMember?.member;
}

const isForm = (head: Head): boolean =>
  head.headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

function identifyAction(head: Head, form: readonly Pair[], credential: Credential | undefined): Identified {
  const operation = form.find(([name]) => name === 'Action')?.[1];
  const version = form.find(([name]) => name === 'Version')?.[1];
  const row =
    onlySigned(credential) ??
    rows.find((each) => each.apiVersion === version && each.xmlNamespace !== undefined) ??
    rows.find(
      ({ pathMember }) => pathMember !== undefined && form.some(([name]) => name === pathMember.member),
    );
  if (row === undefined) return { kind: 'unknown', name: credential?.service ?? '', protocol: 'awsQuery' };
  const protocol = row.protocol === 'ec2Query' ? 'ec2Query' : wantsJson(head) ? 'awsQueryJson' : 'awsQuery';
  return { kind: 'service', row, protocol, operation, form };
}

/** API Gateway's integrations send it, and their templates read JSON; SDKs of the query protocol send no such thing. */
const wantsJson = (head: Head): boolean => head.headers['accept'] === 'application/json';

function identifyRest(head: Head, credential: Credential | undefined): Identified {
  const signed = rowsSigned(credential);
  const row =
    credential === undefined
      ? (rowOfHost(head) ?? rowOfPath(head, rows) ?? rows.find(({ id }) => id === 's3'))
      : signed.length > 1
        ? (rowOfPath(head, signed) ?? signed[0])
        : signed[0];
  if (row === undefined) return { kind: 'unknown', name: credential?.service ?? '', protocol: 'restJson1' };
  return { kind: 'service', row, protocol: row.protocol, operation: undefined };
}

const rowsSigned = (credential: Credential | undefined): readonly ServiceRow[] =>
  credential === undefined ? [] : rows.filter((row) => signsAs(row, credential.service));

const signsAs = (row: ServiceRow, name: string): boolean =>
  row.signingName === name || row.otherSigningNames?.includes(name) === true;

function onlySigned(credential: Credential | undefined): ServiceRow | undefined {
  const signed = rowsSigned(credential);
  return signed.length === 1 ? signed[0] : undefined;
}

const rowOfPath = (head: Head, among: readonly ServiceRow[]): ServiceRow | undefined =>
  among.find(({ paths }) => paths?.test(head.path) === true);

/** `lambda.us-east-1.amazonaws.com`, `bucket.s3.localhost`: the endpoint's name is a label of its own. */
function rowOfHost(head: Head): ServiceRow | undefined {
  const labels = (head.headers.host ?? '').toLowerCase().replace(/:\d+$/, '').split('.');
  if (labels.length < 2) return undefined;
  const named = rows.filter(({ endpointPrefix }) => labels.slice(0, -1).includes(endpointPrefix));
  // A bucket may be called like a service: `lambda.s3.localhost`.
  const s3 = named.find(({ id }) => id === 's3');
  if (s3 !== undefined) return s3;
  return rowOfPath(head, named) ?? named[0];
}
