/**
 * Request validators of REST methods: required parameters, and bodies by the model of their content type.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-request-validation.html
 */
import type { RestMethod } from '../kinds/rest-method.ts';
import { mediaTypeOf } from '../media-types.ts';
import type { Checked, Plan } from '../plan.ts';
import { configurationError, Refusal } from '../refusal.ts';
import type { CheckBody } from './json-schema.ts';

export function compileValidation(method: RestMethod): Plan['validate'] {
  const { requestValidatorId } = method.method;
  if (!requestValidatorId) return null;
  const validator = method.definition.requestValidators.find(({ id }) => id === requestValidatorId);
  if (validator === undefined) throw configurationError(`Invalid Request Validator identifier specified`);
  const missing = validator.validateRequestParameters === true ? compileRequired(method) : null;
  const body = validator.validateRequestBody === true ? compileBody(method) : null;
  if (missing === null && body === null) return null;
  return (call) => {
    if (missing !== null) missing(call);
    return body === null ? undefined : body(call);
  };
}

const PLACES = ['header', 'path', 'querystring'] as const;

/** Named in the order of their keys, headers first, then path and query. A blank value is a missing one. */
function compileRequired(method: RestMethod): ((call: Checked) => void) | null {
  const required = Object.entries(method.method.requestParameters ?? {})
    .filter(([, isRequired]) => isRequired)
    .map(([key]) => key.split('.'))
    .map(([, , place = '', ...name]) => ({ place, name: name.join('.') }))
    .toSorted((a, b) => orderOf(a.place) - orderOf(b.place) || (a.name < b.name ? -1 : 1));
  if (required.length === 0) return null;
  return (call) => {
    const missing = required.filter(({ place, name }) => isBlank(valueOf(call, place, name)));
    if (missing.length === 0) return;
    const names = missing.map(({ name }) => name).join(', ');
    throw new Refusal('BAD_REQUEST_PARAMETERS', `Missing required request parameters: [${names}]`, {
      validationError: `[${names}]`,
    });
  };
}

const orderOf = (place: string): number => PLACES.findIndex((known) => known === place);
const isBlank = (value: string | undefined): boolean => value === undefined || value.trim() === '';

function valueOf(call: Checked, place: string, name: string): string | undefined {
  switch (place) {
    case 'header':
      return call.request.header(name.toLowerCase());
    case 'path':
      return call.pathParameters?.[name];
    default:
      return call.request.query('&;').findLast((parameter) => parameter.name === name)?.value;
  }
}

/** The schema compiler is loaded with the first body that is to be checked. */
function compileBody(method: RestMethod): ((call: Checked) => Promise<void>) | null {
  const models = method.method.requestModels ?? {};
  if (Object.keys(models).length === 0) return null;
  let compiled: Promise<(modelName: string) => CheckBody> | undefined;
  return async (call) => {
    const model =
      models[mediaTypeOf(call.request.header('content-type')) ?? 'application/json'] ?? models['$default'];
    if (model === undefined) return;
    compiled ??= import('./json-schema.ts').then(({ compileModels }) =>
      compileModels(method.definition.models),
    );
    const problem = (await compiled)(model)(bodyOf(call));
    if (problem !== undefined) throw invalidBody(problem);
  };
}

const invalidBody = (problem: string): Refusal =>
  new Refusal('BAD_REQUEST_BODY', 'Invalid request body', { validationError: `[${problem}]` });

/** No body is checked as `{}` (recorded). */
function bodyOf(call: Checked): unknown {
  if (call.body.length === 0) return {};
  try {
    return JSON.parse(Buffer.from(call.body).toString('utf8'));
  } catch {
    throw invalidBody('Invalid JSON');
  }
}
