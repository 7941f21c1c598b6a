/**
 * What tells one cached answer of a method from another: the values of its `cacheKeyParameters`.
 * https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html (`cacheNamespace`, `cacheKeyParameters`)
 */
import { contextVariables } from '../context-variables.ts';
import type { RestMethod } from '../kinds/rest-method.ts';
import { compileSource, type Source } from '../mapping/source.ts';
import { mediaTypeOf } from '../media-types.ts';
import type { Checked } from '../plan.ts';

/**
 * Resources with the same namespace share their answers, as on AWS. The HTTP method always counts, and so does the
 * Accept header where the answer depends on it: a client must not get a form it cannot read because another asked first.
 */
export function compileCacheKey(method: RestMethod): (call: Checked) => string {
  const { cacheNamespace, cacheKeyParameters, requestParameters } = method.integration;
  const namespace = cacheNamespace || method.resourceId;
  const sources = [...(cacheKeyParameters ?? [])]
    .toSorted()
    .map((name) => compileParameter(name, requestParameters ?? {}));
  const variant = compileVariant(method);
  const usesContext = Object.values(requestParameters ?? {}).some((source) => source.startsWith('context.'));
  return (call) => {
    let key = `${namespace}\n${call.request.method}${variant(call)}`;
    if (sources.length === 0) return key;
    const view = {
      call,
      context: usesContext ? contextVariables(call, call.stage) : undefined,
      stageVariables: call.stage.variables,
    };
    for (const source of sources) key += `\n${textOf(source(view))}`;
    return key;
  };
}

/** `method.request.querystring.q` reads the request, `integration.request.header.X` what is mapped there. */
const compileParameter = (name: string, mapped: Readonly<Record<string, string>>): Source =>
  name.startsWith('integration.') ? compileSource(mapped[name] ?? "''") : compileSource(name);

/** Lengths in front keep `a` + `bc` apart from `ab` + `c`; absent is not blank. */
function textOf(value: string | readonly string[] | undefined): string {
  if (value === undefined) return '-';
  if (typeof value === 'string') return `${value.length}:${value}`;
  return value.map((one) => `${one.length}:${one}`).join(',');
}

function compileVariant({ integration, isBinary, definition }: RestMethod): (call: Checked) => string {
  const templates = Object.values(integration.integrationResponses ?? {}).map(
    ({ responseTemplates }) => Object.keys(responseTemplates ?? {}).length,
  );
  if (templates.some((count) => count > 1))
    return ({ request }) => ` ${mediaTypeOf(request.header('accept')) ?? ''}`;
  if (definition.binaryMediaTypes.length > 0)
    return ({ request }) => (isBinary(request.header('accept')) ? ' binary' : ' text');
  return () => '';
}
