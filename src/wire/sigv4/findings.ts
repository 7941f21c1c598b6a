/** What is wrong with a signature, in the words of each kind of service. */
import { Fault } from '../../base/fault.ts';
import type { ProtocolName } from '../services.ts';
import type { Finding } from './verify.ts';

export type FindingStyle = 's3' | 'query' | 'json';

export const styleOf = (serviceId: string, protocol: ProtocolName): FindingStyle => {
  if (serviceId === 's3') return 's3';
  return protocol.startsWith('awsQuery') || protocol === 'ec2Query' ? 'query' : 'json';
};

export function findingFault(finding: Finding, style: FindingStyle, now: number): Fault {
  return style === 's3' ? s3Fault(finding, now) : plainFault(finding, CODES[style]);
}

interface Codes {
  readonly missing: string;
  readonly incomplete: string;
  readonly unknownKey: string;
  readonly expiredToken: string;
  readonly mismatch: string;
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html, https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/CommonErrors.html */
const CODES: Readonly<Record<'query' | 'json', Codes>> = {
  query: {
    missing: 'MissingAuthenticationToken',
    incomplete: 'IncompleteSignature',
    unknownKey: 'InvalidClientTokenId',
    expiredToken: 'ExpiredToken',
    mismatch: 'SignatureDoesNotMatch',
  },
  json: {
    missing: 'MissingAuthenticationTokenException',
    incomplete: 'IncompleteSignatureException',
    unknownKey: 'UnrecognizedClientException',
    expiredToken: 'ExpiredTokenException',
    mismatch: 'InvalidSignatureException',
  },
};

const MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.';

const forbidden = (code: string, text: string, members: Record<string, unknown> = {}): Fault =>
  new Fault(code, text, { status: 403, members });

function plainFault(finding: Finding, codes: Codes): Fault {
  switch (finding.kind) {
    case 'none':
      return forbidden(codes.missing, 'Request is missing Authentication Token');
    case 'incomplete':
      return new Fault(codes.incomplete, finding.text, { status: 400 });
    case 'unsupported':
      return new Fault(codes.incomplete, unsupported(finding.algorithm), { status: 400 });
    case 'unknown-key':
    case 'bad-token':
      return forbidden(codes.unknownKey, 'The security token included in the request is invalid.');
    case 'expired-token':
      return forbidden(codes.expiredToken, 'The security token included in the request is expired');
    case 'skewed':
      return forbidden(codes.mismatch, finding.text);
    case 'expired-url':
      return forbidden(codes.mismatch, `Signature expired: the URL was good until ${iso(finding.expiresAt)}`);
    case 'unsigned-headers':
      return forbidden(codes.mismatch, `Headers that must be signed are not: ${finding.names.join(', ')}`);
    case 'wrong-service':
      return forbidden(
        codes.mismatch,
        `Credential should be scoped to correct service: '${finding.expected}'. `,
      );
    case 'mismatch':
      return forbidden(codes.mismatch, `${MISMATCH}\n\n${shown(finding)}`);
    default:
      return finding satisfies never;
  }
}

const shown = ({ canonical }: Finding & { kind: 'mismatch' }): string =>
  `The Canonical String for this request should have been\n'${canonical.request}'\n\n` +
  `The String-to-Sign should have been\n'${canonical.stringToSign}'\n`;

const unsupported = (algorithm: string): string =>
  `Unsupported AWS 'algorithm': '${algorithm}' (only AWS4-HMAC-SHA256 for now). `;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList */
function s3Fault(finding: Finding, now: number): Fault {
  switch (finding.kind) {
    case 'none':
      return forbidden('AccessDenied', 'Access Denied');
    case 'incomplete':
      return new Fault(
        'AuthorizationHeaderMalformed',
        `The authorization header is malformed; ${finding.text}`,
        {
          status: 400,
        },
      );
    case 'unsupported':
      return new Fault(
        'InvalidRequest',
        `The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.${finding.algorithm.includes('ECDSA') ? ' Gatehouse does not verify SigV4a (AWS4-ECDSA-P256-SHA256).' : ''}`,
        { status: 400 },
      );
    case 'unknown-key':
      return forbidden(
        'InvalidAccessKeyId',
        'The AWS Access Key Id you provided does not exist in our records.',
        {
          AWSAccessKeyId: finding.accessKeyId,
        },
      );
    case 'bad-token':
      return new Fault('InvalidToken', 'The provided token is malformed or otherwise invalid.', {
        status: 400,
      });
    case 'expired-token':
      return new Fault('ExpiredToken', 'The provided token has expired.', { status: 400 });
    case 'skewed':
      return forbidden(
        'RequestTimeTooSkewed',
        'The difference between the request time and the current time is too large.',
        { RequestTime: finding.requestTime, ServerTime: iso(now), MaxAllowedSkewMilliseconds: 900_000 },
      );
    case 'expired-url':
      return forbidden('AccessDenied', 'Request has expired', {
        'X-Amz-Expires': finding.expiresSeconds,
        Expires: iso(finding.expiresAt),
        ServerTime: iso(now),
      });
    case 'unsigned-headers':
      return forbidden('AccessDenied', 'There were headers present in the request which were not signed', {
        HeadersNotSigned: finding.names.join(', '),
      });
    case 'wrong-service':
      return new Fault(
        'AuthorizationHeaderMalformed',
        'The authorization header is malformed; incorrect service. This endpoint belongs to "s3".',
        { status: 400 },
      );
    case 'mismatch':
      return forbidden('SignatureDoesNotMatch', S3_MISMATCH, {
        AWSAccessKeyId: finding.signature.accessKeyId,
        StringToSign: finding.canonical.stringToSign,
        SignatureProvided: finding.signature.signature,
        StringToSignBytes: hexBytes(finding.canonical.stringToSign),
        CanonicalRequest: finding.canonical.request,
        CanonicalRequestBytes: hexBytes(finding.canonical.request),
      });
    default:
      return finding satisfies never;
  }
}

const S3_MISMATCH =
  'The request signature we calculated does not match the signature you provided. Check your key and signing method.';

const iso = (time: number): string => new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');

const hexBytes = (text: string): string =>
  Buffer.from(text)
    .toString('hex')
    .replace(/..(?=.)/g, '$& ');
