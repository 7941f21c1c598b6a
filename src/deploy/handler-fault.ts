/** Why a resource failed, as CloudFormation's events tell it. */
import { randomUUID } from 'node:crypto';
import { type Fault, isFault, reasonOf } from '../base/fault.ts';

/** Names of services in events, where they differ from the id with a capital. */
const SERVICE_NAMES: Readonly<Record<string, string>> = {
  apigateway: 'ApiGateway',
  apigatewayv2: 'ApiGatewayV2',
  dynamodb: 'DynamoDb',
  iam: 'Iam',
  logs: 'CloudWatchLogs',
  s3: 'S3',
  sns: 'Sns',
  sqs: 'Sqs',
  ssm: 'Ssm',
  events: 'EventBridge',
};

const HANDLER_ERROR_CODES: readonly (readonly [RegExp, string])[] = [
  [/AlreadyExists|AlreadyOwned|Conflict|InUse/, 'AlreadyExists'],
  [/NotFound|NoSuch/, 'NotFound'],
  [/AccessDenied|Unauthorized/, 'AccessDenied'],
  [/Throttl|TooManyRequests/, 'Throttling'],
  [/LimitExceeded|Quota/, 'ServiceLimitExceeded'],
  [/InternalError|ServiceException|InternalFailure/, 'GeneralServiceException'],
];

/** Faults that an operation of a service threw, with that service's id. */
const origins = new WeakMap<object, string>();

export function rememberOrigin(thrown: unknown, service: string): void {
  if (typeof thrown === 'object' && thrown !== null) origins.set(thrown, service);
}

export function handlerReason(thrown: unknown): string {
  if (!isFault(thrown))
    return `Resource handler returned message: "Internal failure: ${reasonOf(thrown)}" (RequestToken: ${randomUUID()}, HandlerErrorCode: InternalFailure)`;
  const service = origins.get(thrown);
  // A fault of the engine's own (a function that cannot be worked out) is told as it is.
  if (service === undefined) return thrown.message;
  const code = handlerErrorCode(thrown);
  const name = SERVICE_NAMES[service] ?? service.charAt(0).toUpperCase() + service.slice(1);
  const detail = `Service: ${name}, Status Code: ${thrown.status ?? 400}, Request ID: ${randomUUID()}`;
  return `Resource handler returned message: "${thrown.message} (${detail})" (RequestToken: ${randomUUID()}, HandlerErrorCode: ${code})`;
}

export function handlerErrorCode(fault: Fault): string {
  return HANDLER_ERROR_CODES.find(([pattern]) => pattern.test(fault.code))?.[1] ?? 'InvalidRequest';
}
