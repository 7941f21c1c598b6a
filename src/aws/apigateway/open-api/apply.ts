/** Writes what a document says into an API, all of it in the caller's transaction or nothing. */
import type { Integration, Method } from '@aws-sdk/client-api-gateway';
import { isFault } from '../../../base/fault.ts';
import { apiGatewayId } from '../../../base/ids.ts';
import type { Scope } from '../../../base/scope.ts';
import type { Transaction } from '../../../store/store.ts';
import { authorizerFrom } from '../authorizer.ts';
import { authorizers } from '../authorizer-row.ts';
import { clearDefinition } from '../definition.ts';
import { documentationParts } from '../documentation-row.ts';
import { badRequest } from '../faults.ts';
import { gatewayResponses } from '../gateway-response.ts';
import { integrationFrom } from '../integration.ts';
import { checkIntegration } from '../integration-check.ts';
import { checkResponseMappings } from '../integration-response.ts';
import { checkMethod, checkModels } from '../method.ts';
import { models } from '../model-row.ts';
import type { ApiGatewayPorts } from '../ports.ts';
import { validators } from '../request-validator-row.ts';
import { withoutEmpty } from '../shapes.ts';
import { existingIds, type ExistingIds } from './existing-ids.ts';
import type { ImportedApi, ImportedMethod } from './imported.ts';
import { putResources } from './put-resources.ts';

export interface Import {
  readonly ports: Pick<ApiGatewayPorts, 'random'>;
  readonly rows: Transaction;
  readonly scope: Scope;
  readonly restApiId: string;
  readonly rootResourceId: string;
  readonly api: ImportedApi;
  /** `overwrite` begins from nothing, keeping the ids of what is still there. */
  readonly mode: 'overwrite' | 'merge';
}

/** Throws one fault with every error found, as AWS lists them. */
export async function applyImport(work: Import): Promise<void> {
  const { rows, scope, restApiId, api, mode } = work;
  const ids = await existingIds(rows, scope, restApiId);
  if (mode === 'overwrite') await clearDefinition(rows, scope, restApiId);
  const errors: string[] = [];
  await putModels(work, ids, errors);
  await putValidators(work, ids);
  await putAuthorizers(work, ids, errors);
  for (const response of api.gatewayResponses)
    await rows.put(gatewayResponses, scope, `${restApiId}/${response.responseType}`, response);
  await putResources(work, ids, errors, (path, resourceId, method) =>
    methodRow(work, { path, resourceId, method, ids, errors }),
  );
  for (const part of api.documentationParts) {
    const id = apiGatewayId(6, work.ports.random);
    await rows.put(documentationParts, scope, `${restApiId}/${id}`, { id, ...part });
  }
  if (errors.length > 0) throw importFailed(errors, api.warnings);
}

function importFailed(errors: readonly string[], warnings: readonly string[]) {
  const found = `Errors found during import:\n\t${errors.join('\n\t')}`;
  const more =
    warnings.length > 0 ? `\nAdditionally, these warnings were found:\n\t${warnings.join('\n\t')}` : '';
  return badRequest(found + more);
}

/** Runs a check; its refusal becomes a line of the import's error list. */
async function noting(errors: string[], what: string, check: () => void | Promise<void>): Promise<void> {
  try {
    await check();
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    errors.push(`${what}: ${thrown.message}`);
  }
}

const LOCAL_REFERENCE = /^#\/(?:definitions|components\/schemas)\/(.+)$/;

async function putModels(work: Import, ids: ExistingIds, errors: string[]): Promise<void> {
  const { rows, scope, restApiId, api } = work;
  const base = `https://apigateway.amazonaws.com/restapis/${restApiId}/models/`;
  for (const { name, description, schema } of api.models) {
    if (!/^[a-zA-Z0-9]+$/.test(name))
      errors.push(`Unable to create model for '${name}': Model name must be alphanumeric: ${name}`);
    const text = JSON.stringify(schema, (key, value: unknown) => {
      const target =
        key === '$ref' && typeof value === 'string' ? LOCAL_REFERENCE.exec(value)?.[1] : undefined;
      return target === undefined ? value : base + target;
    });
    const id = ids.models.get(name) ?? apiGatewayId(6, work.ports.random);
    const row = withoutEmpty({ id, name, description, contentType: 'application/json', schema: text });
    await rows.put(models, scope, `${restApiId}/${name}`, row);
  }
}

async function putValidators(work: Import, ids: ExistingIds): Promise<void> {
  const { rows, scope, restApiId, api } = work;
  for (const validator of api.validators) {
    const id = ids.validators.get(validator.name) ?? apiGatewayId(6, work.ports.random);
    ids.validators.set(validator.name, id);
    await rows.put(validators, scope, `${restApiId}/${id}`, { id, ...validator });
  }
}

async function putAuthorizers(work: Import, ids: ExistingIds, errors: string[]): Promise<void> {
  const { rows, scope, restApiId, api } = work;
  for (const authorizer of api.authorizers)
    await noting(errors, `Unable to create authorizer '${authorizer.name}'`, async () => {
      const id = ids.authorizers.get(authorizer.name ?? '') ?? apiGatewayId(6, work.ports.random);
      ids.authorizers.set(authorizer.name ?? '', id);
      const row = authorizerFrom(authorizer, id);
      await rows.put(authorizers, scope, `${restApiId}/${id}`, row);
    });
}

interface MethodPlace {
  readonly path: string;
  readonly resourceId: string;
  readonly method: ImportedMethod;
  readonly ids: ExistingIds;
  readonly errors: string[];
}

/** The method with ids in place of names, its defaults, its integration checked. */
async function methodRow(work: Import, place: MethodPlace): Promise<Method> {
  const { path, resourceId, method: imported, ids, errors } = place;
  const verb = imported.httpMethod;
  const { authorizerName, validatorName } = imported;
  const method: Method = withoutEmpty({
    ...imported.method,
    authorizerId: authorizerName === undefined ? undefined : (ids.authorizers.get(authorizerName) ?? ''),
    requestValidatorId: validatorName === undefined ? undefined : (ids.validators.get(validatorName) ?? '-'),
  });
  await noting(errors, `Unable to put method '${verb}' on resource at path '${path}'`, async () => {
    await checkMethod(work.rows, work.scope, work.restApiId, method);
    for (const response of Object.values(method.methodResponses ?? {}))
      await checkModels(work.rows, work.scope, work.restApiId, response.responseModels);
  });
  if (imported.integration === undefined) return method;
  const integration = withDefaults(imported.integration, resourceId);
  await noting(errors, `Unable to put integration on '${verb}' for resource at path '${path}'`, () =>
    checkIntegration(integration, method, work.scope),
  );
  for (const response of Object.values(integration.integrationResponses ?? {}))
    await noting(
      errors,
      `Unable to put integration response on '${verb}' for resource at path '${path}'`,
      () => checkResponseMappings(response, method),
    );
  return { ...method, methodIntegration: integration };
}

/** Seen: HTTP integrations that an import made say how they connect. */
function withDefaults(integration: Integration, resourceId: string): Integration {
  const { httpMethod, type, ...rest } = integration;
  const isHttp = type === 'HTTP' || type === 'HTTP_PROXY';
  return integrationFrom(
    {
      ...rest,
      type,
      integrationHttpMethod: httpMethod,
      connectionType: integration.connectionType ?? (isHttp ? 'INTERNET' : undefined),
    },
    resourceId,
  );
}
