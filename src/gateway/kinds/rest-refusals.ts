/**
 * Gateway responses of REST APIs.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
import type { GatewayResponse } from '@aws-sdk/client-api-gateway';
import { contextVariables } from '../context-variables.ts';
import { compileSubstitution, type Substitution } from '../mapping/substitution.ts';
import { compileSource, type Source } from '../mapping/source.ts';
import { mediaTypeOf } from '../media-types.ts';
import type { Admitted, Reply, Routed, Staged } from '../plan.ts';
import type { Refusal, RefusalType } from '../refusal.ts';
import { noteRule } from '../trail.ts';

/** Statuses are AWS's; an error type marked "unseen" is not in AWS's pages nor in a recorded answer. */
const TYPES: Readonly<Record<RefusalType, { readonly status: number; readonly errorType: string }>> = {
  ACCESS_DENIED: { status: 403, errorType: 'AccessDeniedException' },
  API_CONFIGURATION_ERROR: { status: 500, errorType: 'InternalServerErrorException' },
  AUTHORIZER_CONFIGURATION_ERROR: { status: 500, errorType: 'AuthorizerConfigurationException' },
  AUTHORIZER_FAILURE: { status: 500, errorType: 'AuthorizerFailureException' }, // unseen
  BAD_REQUEST_BODY: { status: 400, errorType: 'BadRequestException' },
  BAD_REQUEST_PARAMETERS: { status: 400, errorType: 'BadRequestException' },
  DEFAULT_4XX: { status: 400, errorType: 'BadRequestException' },
  DEFAULT_5XX: { status: 500, errorType: 'InternalServerErrorException' },
  EXPIRED_TOKEN: { status: 403, errorType: 'ExpiredTokenException' }, // unseen
  INTEGRATION_FAILURE: { status: 504, errorType: 'InternalServerErrorException' },
  INTEGRATION_TIMEOUT: { status: 504, errorType: 'InternalServerErrorException' },
  INVALID_API_KEY: { status: 403, errorType: 'ForbiddenException' },
  INVALID_SIGNATURE: { status: 403, errorType: 'InvalidSignatureException' },
  MISSING_AUTHENTICATION_TOKEN: { status: 403, errorType: 'MissingAuthenticationTokenException' },
  QUOTA_EXCEEDED: { status: 429, errorType: 'LimitExceededException' },
  REQUEST_TOO_LARGE: { status: 413, errorType: 'RequestTooLargeException' }, // unseen
  RESOURCE_NOT_FOUND: { status: 404, errorType: 'NotFoundException' }, // unseen
  THROTTLED: { status: 429, errorType: 'TooManyRequestsException' },
  UNAUTHORIZED: { status: 401, errorType: 'UnauthorizedException' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, errorType: 'BadRequestException' },
  WAF_FILTERED: { status: 403, errorType: 'ForbiddenException' },
};

export type Refuse = (refusal: Refusal, call: Staged | Routed | Admitted) => Reply;

interface CustomResponse {
  readonly status: number | undefined;
  readonly headers: readonly { readonly name: string; readonly value: Source }[];
  readonly templates: ReadonlyMap<string, Substitution>;
}

export function compileRefusals(custom: readonly GatewayResponse[]): Refuse {
  const byType = new Map<string, CustomResponse>();
  for (const response of custom)
    if (response.responseType !== undefined && response.defaultResponse !== true)
      byType.set(response.responseType, compileResponse(response));
  return (refusal, call) => {
    const { verbatim } = refusal.details;
    if (verbatim !== undefined) {
      note(refusal, call);
      return verbatim;
    }
    const exact = byType.get(refusal.type);
    const fallback = exact ?? fallbackOf(byType, refusal);
    return fallback === undefined
      ? usual(refusal, call)
      : customised(refusal, call, fallback, exact !== undefined);
  };
}

/** A payload that is too large does not fall back to DEFAULT_4XX. */
function fallbackOf(
  byType: ReadonlyMap<string, CustomResponse>,
  refusal: Refusal,
): CustomResponse | undefined {
  if (refusal.type === 'REQUEST_TOO_LARGE') return undefined;
  return byType.get(ownStatus(refusal) < 500 ? 'DEFAULT_4XX' : 'DEFAULT_5XX');
}

const ownStatus = (refusal: Refusal): number => refusal.details.status ?? TYPES[refusal.type].status;
const errorTypeOf = (refusal: Refusal): string => refusal.details.errorType ?? TYPES[refusal.type].errorType;

function usual(refusal: Refusal, call: Staged): Reply {
  note(refusal, call);
  noteRule(call.facts, `gateway response ${refusal.type}`);
  const key = refusal.type === 'ACCESS_DENIED' ? 'Message' : 'message'; // seen so for denials
  return {
    status: ownStatus(refusal),
    headers: [
      'x-amzn-ErrorType',
      errorTypeOf(refusal),
      'Content-Type',
      'application/json',
      ...(refusal.details.headers ?? []),
    ],
    body: refusal.details.bytes ?? `{"${key}":${JSON.stringify(refusal.text)}}`,
  };
}

/**
 * A type that is customised without a status answers with the documented one, 504 for integration failures, even
 * where the gateway would have said 500 or 502.
 */
function customised(
  refusal: Refusal,
  call: Staged | Routed | Admitted,
  custom: CustomResponse,
  exact: boolean,
): Reply {
  note(refusal, call);
  noteRule(call.facts, `gateway response ${refusal.type}, customised${exact ? '' : ' by its DEFAULT'}`);
  const roots = { context: errorContext(refusal, call), stageVariables: call.stage.variables };
  const headers: string[] = ['x-amzn-ErrorType', errorTypeOf(refusal)];
  const [contentType, template] = chooseTemplate(custom.templates, call.request.header('accept'));
  headers.push('Content-Type', contentType, ...(refusal.details.headers ?? []));
  for (const { name, value } of custom.headers) addParameter(headers, name, value({ ...roots, call }));
  const status = custom.status ?? (exact ? TYPES[refusal.type].status : ownStatus(refusal));
  return { status, headers, body: template(roots) };
}

function addParameter(headers: string[], name: string, value: string | readonly string[] | undefined): void {
  for (const one of typeof value === 'string' ? [value] : (value ?? [])) {
    if (name.toLowerCase() === 'content-type') headers[headers.indexOf('Content-Type') + 1] = one;
    else headers.push(name, one);
  }
}

function errorContext(refusal: Refusal, call: Staged | Routed | Admitted): Record<string, unknown> {
  return {
    ...contextVariables(call, call.stage),
    error: {
      message: refusal.text ?? undefined,
      messageString: JSON.stringify(refusal.text),
      responseType: refusal.type,
      validationErrorString: refusal.details.validationError,
    },
  };
}

export function note(refusal: Refusal, call: Staged): void {
  call.facts.errorType = refusal.type;
  call.facts.errorMessage = refusal.text ?? undefined;
  call.facts.validationError = refusal.details.validationError;
  call.facts.reason ??= refusal.details.reason ?? refusal.text ?? undefined;
  if (refusal.type.startsWith('INTEGRATION')) call.facts.integrationError ??= call.facts.reason;
}

const USUAL_TEMPLATE = compileSubstitution('{"message":$context.error.messageString}', '');

function chooseTemplate(
  templates: CustomResponse['templates'],
  accept: string | undefined,
): [string, Substitution] {
  const wanted = mediaTypeOf(accept) ?? 'application/json';
  for (const type of [wanted, 'application/json']) {
    const template = templates.get(type);
    if (template !== undefined) return [type, template];
  }
  for (const entry of templates) return entry;
  return ['application/json', USUAL_TEMPLATE];
}

function compileResponse(response: GatewayResponse): CustomResponse {
  const headers = Object.entries(response.responseParameters ?? {}).map(([target, source]) => ({
    name: target.replace(/^gatewayresponse\.header\./, ''),
    value: compileSource(source),
  }));
  const templates = new Map<string, Substitution>();
  for (const [type, text] of Object.entries(response.responseTemplates ?? {}))
    templates.set(type, compileSubstitution(text, ''));
  return {
    status: response.statusCode === undefined ? undefined : Number(response.statusCode),
    headers,
    templates,
  };
}
