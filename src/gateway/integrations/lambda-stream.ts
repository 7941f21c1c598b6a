/**
 * AWS_PROXY with responseTransferMode STREAM: JSON metadata, eight NUL bytes, then the body as it comes.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
 */
import { Readable } from 'node:stream';
import { limits } from '../../base/limits.ts';
import { isFault } from '../../base/fault.ts';
import type { Checked, Reply } from '../plan.ts';
import type { GatewayPorts } from '../ports.ts';
import { Refusal } from '../refusal.ts';
import { firstHeader } from '../raw-headers.ts';
import { parseObject } from '../../lang/json/json-object.ts';
import { headersOf, statusOf } from './lambda-answer.ts';
import { callFunction, type FunctionCall } from './lambda-function.ts';
import { remapResponseHeaders } from './response-headers.ts';

const DELIMITER = Buffer.alloc(8);

/** The client gets the head as soon as the metadata is whole; the function waits while the client does not read. */
export function streamLambda(ports: GatewayPorts, call: Checked, what: FunctionCall): Promise<Reply> {
  return new Promise((resolve, reject) => {
    let prelude: Buffer = Buffer.alloc(0);
    let body: Readable | undefined;
    let drained: (() => void) | undefined;
    const begin = (at: number): void => {
      const head = readPrelude(prelude.subarray(0, at).toString('utf8'));
      if (head === undefined) return reject(wrongFormat());
      body = new Readable({
        read: () => drained?.(),
        destroy: (reason, done) => (drained?.(), done(reason)),
      });
      const rest = prelude.subarray(at + DELIMITER.length);
      if (rest.length > 0) body.push(rest);
      resolve({ ...head, body, traced: true });
    };
    const onChunk = (chunk: Uint8Array): void | Promise<void> => {
      if (body === undefined) {
        if (prelude.length > limits.apiGatewayStreamPreludeBytes) return undefined;
        prelude = Buffer.concat([prelude, chunk]);
        const at = prelude.indexOf(DELIMITER);
        if (at !== -1) return begin(at);
        if (prelude.length > limits.apiGatewayStreamPreludeBytes) reject(wrongFormat());
        return undefined;
      }
      if (body.destroyed || body.push(chunk)) return undefined;
      return new Promise((go) => {
        drained = () => {
          drained = undefined;
          go();
        };
      });
    };
    const timeoutMs = limits.apiGatewayStreamMs;
    callFunction(ports, call, { ...what, timeoutMs, onChunk }).then(
      ({ functionError }) => {
        if (body === undefined) reject(wrongFormat());
        else if (functionError === undefined) body.push(null);
        else body.destroy(new Error('the function failed while it answered'));
      },
      (thrown: unknown) => {
        const reason = thrown instanceof Error && !isFault(thrown) ? thrown : wrongFormat();
        if (body === undefined) reject(reason);
        else body.destroy(reason);
      },
    );
  });
}

const wrongFormat = (): Refusal =>
  new Refusal('INTEGRATION_FAILURE', 'Internal server error', {
    status: 500,
    reason:
      'Execution failed due to configuration error: Malformed Lambda proxy response: no metadata before the body',
  });

const MEMBERS = new Set(['headers', 'multiValueHeaders', 'cookies', 'statusCode']);

function readPrelude(text: string): Pick<Reply, 'status' | 'headers'> | undefined {
  const metadata = parseObject(text);
  if (metadata === undefined || Object.keys(metadata).some((key) => !MEMBERS.has(key))) return undefined;
  const status = statusOf(metadata['statusCode'], 200);
  const headers = headersOf(metadata['headers'], metadata['multiValueHeaders']);
  const cookies = metadata['cookies'] ?? [];
  if (status === undefined || headers === undefined || !Array.isArray(cookies)) return undefined;
  for (const cookie of cookies) headers.push('Set-Cookie', String(cookie).replace(/[\0\r\n]/g, ''));
  const kept = remapResponseHeaders(headers, 'lambda');
  if (firstHeader(kept, 'content-type') === undefined) kept.unshift('Content-Type', 'application/json');
  return { status, headers: kept };
}
