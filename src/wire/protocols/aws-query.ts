/**
 * awsQuery and ec2Query: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html,
 * https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
 */
import { createJsonCodec } from '../codecs/json.ts';
import { queryReader, type QueryDialect } from '../codecs/query-read.ts';
import { isObject, type PlainObject } from '../codecs/record.ts';
import type { Pair } from '../codecs/form.ts';
import { escapeXml, xmlBody } from '../codecs/xml-write.ts';
import type { OperationPlan } from '../plan.ts';
import type { ServiceRow } from '../services.ts';
import type { WireError } from '../wire-error.ts';
import type { Protocol } from './protocol.ts';
import { extra } from './rest-xml.ts';

const readers = new WeakMap<OperationPlan, (pairs: readonly Pair[]) => unknown>();

function decodeForm(operation: OperationPlan, form: readonly Pair[], dialect: QueryDialect): PlainObject {
  let read = readers.get(operation);
  if (read === undefined) {
    read = queryReader(operation.input, dialect);
    readers.set(operation, read);
  }
  const input = read(form);
  return isObject(input) ? input : {};
}

export const awsQuery: Protocol = {
  malformedCode: 'MalformedInput',
  decode: (operation, received) => decodeForm(operation, received.form ?? [], 'awsQuery'),
  encode: (operation, output, requestId) => {
    const { name, service } = operation;
    const shape = operation.output;
    const result =
      shape.kind === 'structure' ? `<${name}Result>${xmlBody(shape.members, output)}</${name}Result>` : '';
    return {
      status: 200,
      headers: { 'Content-Type': 'text/xml' },
      body:
        `<${name}Response xmlns="${service.row.xmlNamespace ?? ''}">${result}` +
        `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></${name}Response>`,
    };
  },
  encodeError: (error, service, requestId) => ({
    status: error.status,
    headers: { 'Content-Type': 'text/xml' },
    body: queryError(error, service, requestId),
  }),
};

const queryError = (error: WireError, service: ServiceRow, requestId: string): string =>
  `<ErrorResponse xmlns="${service.xmlNamespace ?? ''}"><Error><Type>${error.sender ? 'Sender' : 'Receiver'}</Type>` +
  `<Code>${error.queryCode}</Code><Message>${escapeXml(error.message)}</Message>${extra(error)}</Error>` +
  `<RequestId>${requestId}</RequestId></ErrorResponse>`;

const json = createJsonCodec(false);

/**
 * SQS, SNS and their kin for `Accept: application/json`, as API Gateway's documented mapping templates read them:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-request-basic-setup.html
 */
export const awsQueryJson: Protocol = {
  ...awsQuery,
  encode: (operation, output, requestId) => {
    const { name, output: shape } = operation;
    const result = shape.kind === 'structure' ? { [`${name}Result`]: json.writer(shape)(output) } : {};
    return {
      status: 200,
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({
        [`${name}Response`]: { ...result, ResponseMetadata: { RequestId: requestId } },
      }),
    };
  },
  encodeError: (error, _service, requestId) => ({
    status: error.status,
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      Error: { Code: error.queryCode, Message: error.message, Type: error.sender ? 'Sender' : 'Receiver' },
      RequestId: requestId,
    }),
  }),
};

export const ec2Query: Protocol = {
  malformedCode: 'MalformedInput',
  decode: (operation, received) => decodeForm(operation, received.form ?? [], 'ec2Query'),
  encode: (operation, output, requestId) => {
    const { name, service } = operation;
    const shape = operation.output;
    const members = shape.kind === 'structure' ? xmlBody(shape.members, output) : '';
    return {
      status: 200,
      headers: { 'Content-Type': 'text/xml;charset=UTF-8' },
      body:
        `<?xml version="1.0" encoding="UTF-8"?>\n<${name}Response xmlns="${service.row.xmlNamespace ?? ''}">` +
        `<requestId>${requestId}</requestId>${members}</${name}Response>`,
    };
  },
  encodeError: (error, _service, requestId) => ({
    status: error.status,
    headers: { 'Content-Type': 'text/xml;charset=UTF-8' },
    body:
      `<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>${error.queryCode}</Code>` +
      `<Message>${escapeXml(error.message)}</Message></Error></Errors><RequestID>${requestId}</RequestID></Response>`,
  }),
};
