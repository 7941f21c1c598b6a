/**
 * Truststores for mutual TLS: one PEM file in S3, read once a change.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mutual-tls.html
 */
import { X509Certificate } from 'node:crypto';
import { isFault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { badRequest } from './faults.ts';

export interface ReadTruststore {
  /** The certificates that can be used. */
  readonly pem: string;
  /** What is wrong with the others, each with its subject. */
  readonly warnings: string[];
}

/** Throws BadRequestException when there is nothing to trust. Not inside of a transaction: it reads from S3. */
export async function readTruststore(
  ports: Pick<ServicePorts, 'call' | 'now'>,
  call: Call,
  uri: string,
  version: string | undefined,
): Promise<ReadTruststore> {
  const place = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri);
  if (place === null) throw badRequest(`Invalid truststore URI specified: ${uri}`);
  const input = { Bucket: place[1], Key: place[2], ...(version === undefined ? {} : { VersionId: version }) };
  const found = await ports
    .call({ service: 's3', operation: 'GetObject', input, scope: call.scope, caller: call.caller })
    .catch((thrown: unknown) => {
      if (isFault(thrown))
        throw badRequest(`Could not read the truststore ${uri}: ${thrown.code}: ${thrown.message}`);
      throw thrown;
    });
  const { Body } = found as { readonly Body: AsyncIterable<Uint8Array> | Uint8Array }; // S3's own answer, as our handler gives it
  return readPem(await textOf(Body, uri), ports.now());
}

async function textOf(body: AsyncIterable<Uint8Array> | Uint8Array, uri: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body instanceof Uint8Array ? [body] : body) {
    size += chunk.length;
    if (size > limits.truststoreBytes)
      throw badRequest(`The truststore ${uri} is larger than ${limits.truststoreBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const PEM = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

function readPem(text: string, nowMs: number): ReadTruststore {
  const found = text.match(PEM) ?? [];
  if (found.length > limits.truststoreCertificates)
    throw badRequest(`A truststore can have at most ${limits.truststoreCertificates} certificates`);
  const good: string[] = [];
  const warnings: string[] = [];
  found.forEach((pem, at) => {
    const wrong = whatIsWrong(pem, at, nowMs);
    if (wrong !== undefined) warnings.push(wrong.warning);
    if (wrong === undefined || wrong.isUsable) good.push(pem);
  });
  if (good.length === 0) throw badRequest('The truststore has no valid certificate');
  return { pem: `${good.join('\n')}\n`, warnings };
}

interface Wrong {
  readonly warning: string;
  /** It stays in the store, where it will be of no use, or of use later. */
  readonly isUsable: boolean;
}

function whatIsWrong(pem: string, at: number, nowMs: number): Wrong | undefined {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    return {
      warning: `Certificate ${at + 1} of the truststore is not a valid X.509 certificate`,
      isUsable: false,
    };
  }
  const subject = certificate.subject.split('\n').join(',');
  const told = (what: string): Wrong => ({
    warning: `Certificate with subject ${subject} ${what}`,
    isUsable: true,
  });
  if (nowMs > Date.parse(certificate.validTo)) return told('has expired');
  if (nowMs < Date.parse(certificate.validFrom)) return told('is not valid yet');
  if (!isStrong(certificate)) return told('uses a key that is too short');
  return undefined;
}

/** RSA of 2,048 bits or elliptic curves of 256, at least. */
function isStrong(certificate: X509Certificate): boolean {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
  return type === 'rsa' ? (details?.modulusLength ?? 0) >= 2048 : true;
}
