/** restXml, with S3's ways where they differ: https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html */
import { Fault } from '../../base/fault.ts';
import { isObject, type PlainObject } from '../codecs/record.ts';
import { parseXml } from '../codecs/xml-document.ts';
import { readXml } from '../codecs/xml-read.ts';
import { escapeXml, namespaceOf, xmlBody, xmlWriter } from '../codecs/xml-write.ts';
import type { Member, Shape, StructureShape } from '../schema.ts';
import type { ServiceRow } from '../services.ts';
import type { WireError } from '../wire-error.ts';
import type { Protocol } from './protocol.ts';
import { errorHeaders, restProtocol } from './rest.ts';

const PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>\n';

export const restXml: Protocol = restProtocol({
  contentType: 'application/xml',
  malformedCode: 'MalformedXML',
  missingPayload: () => new Fault('MissingRequestBodyError', 'Request Body is empty', { status: 400 }),
  readMembers: (members, shape, bytes) => {
    if (bytes.length === 0) return {};
    const body: StructureShape = { kind: 'structure', name: '', traits: shape.traits, members, union: false };
    return asObject(readXml(body, parseXml(textOf(bytes))));
  },
  writeMembers: (members, shape, output, service) => {
    const name = rootName(shape);
    // https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html: the one answer whose member is the root.
    if (shape.kind === 'structure' && shape.name === 'GetBucketLocationOutput')
      return `${PROLOGUE}<LocationConstraint${rootNamespace(shape, service)}>${escapeXml(locationOf(output))}</LocationConstraint>`;
    return `${PROLOGUE}<${name}${rootNamespace(shape, service)}>${xmlBody(members, output)}</${name}>`;
  },
  readPayload: (member, bytes) => readXml(member.target, parseXml(textOf(bytes))),
  writePayload: (member, value, service) => {
    const name = member.traits.xmlName ?? rootName(member.target);
    const namespace = rootNamespace(member.target, service) || namespaceOf(member.traits);
    return PROLOGUE + xmlWriter(member.target)(name, value).replace(/^<[^\s/>]+/, (open) => open + namespace);
  },
  encodeError: (error, service, requestId) => ({
    status: error.status,
    headers: { 'Content-Type': 'application/xml', ...errorHeaders(error) },
    body: service.id === 's3' ? s3Error(error, requestId) : genericError(error, service, requestId),
  }),
});

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const asObject = (value: unknown): PlainObject => (isObject(value) ? value : {});
const locationOf = (output: PlainObject): string => String(output.LocationConstraint ?? '');

const rootName = (shape: Shape): string =>
  shape.traits.xmlName ?? (shape.kind === 'structure' ? shape.name : 'Result');

const rootNamespace = (shape: Shape, service: ServiceRow): string =>
  namespaceOf(shape.traits) || (service.xmlNamespace === undefined ? '' : ` xmlns="${service.xmlNamespace}"`);

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#RESTErrorResponses: no namespace, no wrapper. */
const s3Error = (error: WireError, requestId: string): string =>
  `${PROLOGUE}<Error><Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message>${extra(error)}` +
  `<RequestId>${requestId}</RequestId><HostId>${hostId(requestId)}</HostId></Error>`;

function genericError(error: WireError, service: ServiceRow, requestId: string): string {
  const namespace = service.xmlNamespace === undefined ? '' : ` xmlns="${service.xmlNamespace}"`;
  return (
    `${PROLOGUE}<ErrorResponse${namespace}><Error><Type>${error.sender ? 'Sender' : 'Receiver'}</Type>` +
    `<Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message>${extra(error)}</Error>` +
    `<RequestId>${requestId}</RequestId></ErrorResponse>`
  );
}

/** Members of the model in its form, others as plain elements (`Key`, `BucketName`). */
export function extra(error: WireError): string {
  const modelled: readonly Member[] = (error.shape?.members ?? []).filter(
    ({ name, traits }) => name.toLowerCase() !== 'message' && traits.httpHeader === undefined,
  );
  const names = new Set(modelled.map(({ name }) => name));
  const others = Object.entries(error.members).filter(
    ([name, value]) => !names.has(name) && value !== undefined && value !== null,
  );
  return (
    xmlBody(modelled, error.members) +
    others.map(([name, value]) => `<${name}>${escapeXml(String(value))}</${name}>`).join('')
  );
}

/** S3's second id, which points into its own logs: derived from the first, so that the pair belongs together. */
export const hostId = (requestId: string): string => Buffer.from(`gatehouse:${requestId}`).toString('base64');
