/**
 * What one call's templates and mappings see. `$context` is one object for the request's and the response's
 * template, so that an override set in the first is there in the second.
 */
import { apiGatewayInput, apiGatewayUtil } from '../../lang/vtl/api-gateway.ts';
import { contextVariables, type ContextVariables } from '../context-variables.ts';
import { groupQuery } from '../query.ts';
import { restEventHeaders } from '../integrations/event-headers.ts';
import type { Checked } from '../plan.ts';

export class MappingScope {
  readonly call: Checked;
  #context: ContextVariables | undefined;
  #params: Parameters<typeof apiGatewayInput>[0]['params'] | undefined;

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

  /** The names a template knows: `$input`, `$util`, `$context`, `$stageVariables`. */
  variables(bodyText: string): Readonly<Record<string, unknown>> {
    this.#params ??= paramsOf(this.call);
    return {
      input: apiGatewayInput({ bodyText, params: this.#params }),
      util: apiGatewayUtil,
      context: this.context,
      stageVariables: this.stageVariables,
    };
  }
}

/** One value a name: the last, as in events. */
function paramsOf(call: Checked): Parameters<typeof apiGatewayInput>[0]['params'] {
  const querystring = Object.fromEntries(
    [...(groupQuery(call.request.query('&;')) ?? [])].map(([name, values]) => [name, values.at(-1) ?? '']),
  );
  const header = Object.fromEntries(
    [...restEventHeaders(call).values()].map(({ name, values }) => [name, values.at(-1) ?? '']),
  );
  return { path: { ...call.pathParameters }, querystring, header };
}
