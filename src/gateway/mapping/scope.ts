/**
 * What one call's templates and mappings see. `$context` is one object for the request's and the response's
 * template, so that an override set in the first is there in the second.
 */
import { apiGatewayInput, apiGatewayUtil } from '../../lang/vtl/api-gateway.ts';
import { contextVariables, type ContextVariables } from '../context-variables.ts';
import { restEventHeaders } from '../integrations/event-headers.ts';
import type { Checked } from '../plan.ts';

export class MappingScope {
  readonly call: Checked;
  #context: ContextVariables | undefined;
  #params: Params | undefined;

  constructor(call: Checked) {
    this.call = call;
  }

  get context(): ContextVariables {
    this.#context ??= {
      ...contextVariables(this.call, this.call.stage),
      requestOverride: { header: {}, path: {}, querystring: {} },
      responseOverride: { header: {} },
    };
    return this.#context;
  }

  /** Undefined as long as no template or mapping has asked for `$context`. */
  get touchedContext(): ContextVariables | undefined {
    return this.#context;
  }

  get stageVariables(): Readonly<Record<string, string>> {
    return this.call.stage.variables;
  }

  /**
   * The names a template knows: `$input`, `$util`, `$context`, `$stageVariables`. What one is made of is put together
   * when the template reads it: most read little.
   */
  variables(bodyText: string): Readonly<Record<string, unknown>> {
    const params = (this.#params ??= paramsOf(this.call));
    const contextOf = (): ContextVariables => this.context;
    return {
      get input() {
        return apiGatewayInput({ bodyText, params });
      },
      util: apiGatewayUtil,
      get context() {
        return contextOf();
      },
      stageVariables: this.stageVariables,
    };
  }
}

type Params = Parameters<typeof apiGatewayInput>[0]['params'];

/** One value a name: the last, as in events. */
function paramsOf(call: Checked): Params {
  let path: Params['path'] | undefined;
  let querystring: Params['querystring'] | undefined;
  let header: Params['header'] | undefined;
  return {
    // A copy: a template may change what it is given.
    get path() {
      return (path ??= { ...call.pathParameters });
    },
    get querystring() {
      return (querystring ??= lastOfQuery(call));
    },
    get header() {
      return (header ??= lastOfHeaders(call));
    },
  };
}

function lastOfQuery(call: Checked): Params['querystring'] {
  const last: Record<string, string> = {};
  for (const { name, value } of call.request.query('&;')) last[name] = value;
  return last;
}

function lastOfHeaders(call: Checked): Params['header'] {
  const last: Record<string, string> = {};
  for (const { name, values } of restEventHeaders(call).values()) last[name] = values.at(-1) ?? '';
  return last;
}
