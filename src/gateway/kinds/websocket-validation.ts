/**
 * What a route wants of a request: parameters of `$connect`, and bodies by the model that the model selection
 * expression chooses.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-request-validation.html
 */
import { compileSelection } from '../../lang/selection/compile.ts';
import { selectionValues } from '../mapping/websocket-selection.ts';
import type { Checked, Plan } from '../plan.ts';
import { Refusal } from '../refusal.ts';
import type { CheckBody } from '../steps/json-schema.ts';
import type { WebSocketRoute } from './websocket-route.ts';

export function compileWebSocketValidation(socket: WebSocketRoute): Plan['validate'] {
  const missing = compileRequired(socket);
  const body = compileBody(socket);
  if (missing === null && body === null) return null;
  return (call) => {
    missing?.(call);
    return body?.(call);
  };
}

const PARAMETER = /^route\.request\.(header|querystring|multivalueheader|multivaluequerystring)\.(.+)$/;

/** Only `$connect` has headers and a query. */
function compileRequired({ route }: WebSocketRoute): ((call: Checked) => void) | null {
  const required = Object.entries(route.RequestParameters ?? {})
    .filter(([, constraints]) => constraints.Required === true)
    .map(([key]) => PARAMETER.exec(key))
    .map((parts) => ({ place: parts?.[1] ?? '', name: parts?.[2] ?? '' }))
    .filter(({ name }) => name !== '');
  if (required.length === 0) return null;
  return ({ request }) => {
    const valueOf = (place: string, name: string): string | undefined =>
      place.endsWith('header')
        ? request.header(name.toLowerCase())
        : request.query('&').find((parameter) => parameter.name === name)?.value;
    const names = required
      .filter(({ place, name }) => (valueOf(place, name) ?? '').trim() === '')
      .map(({ name }) => name)
      .join(', ');
    if (names !== '')
      throw new Refusal('BAD_REQUEST_PARAMETERS', `Missing required request parameters: [${names}]`, {
        validationError: `[${names}]`,
      });
  };
}

/** The schema compiler is loaded with the first body that is to be checked. */
function compileBody({ route, stage }: WebSocketRoute): ((call: Checked) => Promise<void>) | null {
  if (!route.ModelSelectionExpression) return null;
  const select = compileSelection(route.ModelSelectionExpression);
  const models = route.RequestModels ?? {};
  const schemas = stage.definition.models.map(({ Name: name, Schema: schema }) => ({ name, schema }));
  let compiled: Promise<(modelName: string) => CheckBody> | undefined;
  return async (call) => {
    const key = select(selectionValues(call));
    const model = (key === undefined ? undefined : models[key]) ?? models['$default'];
    // "If there is no matching model and $default isn't defined, the validation fails."
    if (model === undefined) throw invalid('No model matches the model selection expression');
    compiled ??= import('../steps/json-schema.ts').then(({ compileModels }) => compileModels(schemas));
    const check = (await compiled)(model);
    const problem = check(parsed(call));
    if (problem !== undefined) throw invalid(problem);
  };
}

const invalid = (problem: string): Refusal =>
  new Refusal('BAD_REQUEST_BODY', 'Invalid request body', { validationError: `[${problem}]` });

function parsed(call: Checked): unknown {
  try {
    return JSON.parse(Buffer.from(call.body).toString('utf8') || '{}');
  } catch {
    throw invalid('Invalid JSON');
  }
}
