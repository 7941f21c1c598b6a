/** Any thrown thing as AWS shows errors: code, text, status, members. */
import { isFault } from '../base/fault.ts';
import type { PlainObject } from './codecs/record.ts';
import type { ServicePlan } from './plan.ts';
import type { StructureShape } from './schema.ts';

export interface WireError {
  /** The shape's name; the JSON protocols send it. */
  readonly code: string;
  /** The code the query protocols send, which differs for some shapes (`NoSuchEntityException`: `NoSuchEntity`). */
  readonly queryCode: string;
  readonly message: string;
  readonly status: number;
  /** Whose fault it is: query protocols say `Sender` or `Receiver`. */
  readonly sender: boolean;
  readonly members: Readonly<PlainObject>;
  /** When the service's model has this error. */
  readonly shape: StructureShape | undefined;
}

/** Without a plan, when the service is not even known. */
export function wireErrorOf(thrown: unknown, plan: ServicePlan | undefined): WireError {
  if (!isFault(thrown)) return INTERNAL;
  const shape = plan?.errors.get(thrown.code);
  const traits = shape?.traits;
  const status = thrown.status ?? traits?.awsQueryError?.[1] ?? traits?.httpError;
  const assumed = traits?.error === 'server' ? 500 : (UNMODELLED[thrown.code] ?? 400);
  return {
    code: shape?.name ?? thrown.code,
    queryCode: traits?.awsQueryError?.[0] ?? thrown.code,
    message: thrown.message,
    status: status ?? assumed,
    sender: (status ?? assumed) < 500,
    members: thrown.members,
    shape,
  };
}

/** What AWS answers when something broke on its side; the cause is in the log, never in the answer. */
const INTERNAL: WireError = {
  code: 'InternalFailure',
  queryCode: 'InternalFailure',
  message: 'We encountered an internal error. Please try again.',
  status: 500,
  sender: false,
  members: {},
  shape: undefined,
};

/** Errors common to all services: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonErrors.html and its likes. */
const UNMODELLED: Readonly<Record<string, number>> = {
  AccessDenied: 403,
  AccessDeniedException: 403,
  ExpiredToken: 403,
  ExpiredTokenException: 403,
  IncompleteSignature: 400,
  InternalFailure: 500,
  InternalError: 500,
  InvalidClientTokenId: 403,
  InvalidSignatureException: 403,
  MissingAuthenticationToken: 403,
  MissingAuthenticationTokenException: 403,
  NotImplemented: 501,
  NotImplementedException: 501,
  OptInRequired: 403,
  RequestEntityTooLarge: 413,
  RequestEntityTooLargeException: 413,
  ServiceUnavailable: 503,
  SignatureDoesNotMatch: 403,
  UnknownOperationException: 404,
  UnrecognizedClientException: 403,
};
