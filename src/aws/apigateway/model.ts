/** Models: https://docs.aws.amazon.com/apigateway/latest/api/API_Model.html */
import type {
  CreateModelRequest,
  DeleteModelRequest,
  GetModelRequest,
  GetModelsRequest,
  GetModelTemplateRequest,
  Model,
  Models,
  Template,
  UpdateModelRequest,
} from '@aws-sdk/client-api-gateway';
import { apiGatewayId } from '../../base/ids.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader, Transaction } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { type Draft, draftOf } from '../kit/draft.ts';
import { pageOfRows } from '../kit/page.ts';
import { applyPatches, listingRefusals, type PatchRules, patchText } from '../kit/patch.ts';
import { badRequest, conflict, notFound } from './faults.ts';
import { type ModelRow, models } from './model-row.ts';
import { flattenedSchema, modelTemplate } from './model-schema.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { allResources } from './resource.ts';
import { needRestApi } from './rest-api-row.ts';

export const modelOperations = (ports: ApiGatewayPorts) => ({
  CreateModel: async (input: CreateModelRequest, call: Call): Promise<Model> =>
    ports.store.transaction(async (rows) => {
      await needRestApi(rows, call.scope, input.restApiId);
      if (!input.name) throw badRequest('Model name must be non-empty');
      if (!/^[a-zA-Z0-9]+$/.test(input.name))
        throw badRequest('Model name must be alphanumeric: ' + input.name);
      checkSchema(input.schema);
      const key = `${input.restApiId}/${input.name}`;
      if (await rows.get(models, call.scope, key))
        throw conflict('Model name already exists for this REST API');
      const row: ModelRow = {
        id: apiGatewayId(6, ports.random),
        name: input.name,
        description: patchText(input.description),
        contentType: input.contentType ?? '',
        schema: input.schema,
      };
      await rows.put(models, call.scope, key, row);
      return row;
    }),

  GetModel: async (input: GetModelRequest, call: Call): Promise<Model> =>
    ports.store.read(async (rows) => {
      const row = await needModel(rows, call.scope, input);
      if (!input.flatten) return row;
      const all = await allModels(rows, call.scope, input.restApiId ?? '');
      return { ...row, schema: flattenedSchema(row, all) };
    }),

  GetModels: async (input: GetModelsRequest, call: Call): Promise<Models> => {
    await needRestApi(ports.store, call.scope, input.restApiId);
    const page = await pageOfRows(ports.store, models, call.scope, {
      ...input,
      prefix: `${input.restApiId}/`,
    });
    return { items: page.items, position: page.position };
  },

  GetModelTemplate: async (input: GetModelTemplateRequest, call: Call): Promise<Template> =>
    ports.store.read(async (rows) => {
      const row = await needModel(rows, call.scope, input);
      return { value: modelTemplate(row, await allModels(rows, call.scope, input.restApiId ?? '')) };
    }),

  UpdateModel: async (input: UpdateModelRequest, call: Call): Promise<Model> =>
    ports.store.transaction(async (rows) => {
      const draft = draftOf(await needModel(rows, call.scope, input));
      applyPatches(draft, input.patchOperations, modelPatches);
      await rows.put(models, call.scope, `${input.restApiId}/${draft.name}`, draft);
      return draft;
    }),

  DeleteModel: async (input: DeleteModelRequest, call: Call): Promise<object> => {
    await ports.store.transaction(async (rows) => {
      const row = await needModel(rows, call.scope, input);
      await checkUnused(rows, call.scope, input.restApiId ?? '', row.name);
      await rows.delete(models, call.scope, `${input.restApiId}/${row.name}`);
    });
    return {};
  },
});

async function needModel(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  input: { restApiId?: string | undefined; modelName?: string | undefined },
): Promise<ModelRow> {
  const row = await rows.get(models, scope, `${input.restApiId}/${input.modelName}`);
  if (row === undefined) throw notFound(`Invalid model name specified: ${input.modelName}`);
  return row;
}

export async function allModels(
  rows: Pick<Reader, 'list'>,
  scope: Scope,
  restApiId: string,
): Promise<ModelRow[]> {
  return (await rows.list(models, scope, { prefix: `${restApiId}/` })).map((entry) => entry.row);
}

/** `{}` is a schema, nothing is none. */
function checkSchema(schema: string | undefined): void {
  if (schema === undefined || schema.trim() === '')
    throw badRequest('Model schema must have at least 1 property or array items defined');
  if (Buffer.byteLength(schema) > limits.restApiModelBytes)
    throw badRequest(`Model schema exceeds the maximum size of ${limits.restApiModelBytes} bytes`);
}

/** A model in use stays: by method requests, method responses and other models' references. */
async function checkUnused(rows: Transaction, scope: Scope, restApiId: string, name: string): Promise<void> {
  for (const resource of await allResources(rows, scope, restApiId))
    for (const [verb, method] of Object.entries(resource.methods ?? {})) {
      const place = `${resource.path}/${verb}`;
      if (Object.values(method.requestModels ?? {}).includes(name))
        throw conflict(`Cannot delete model '${name}', is referenced in method request: ${place}`);
      for (const response of Object.values(method.methodResponses ?? {}))
        if (Object.values(response.responseModels ?? {}).includes(name))
          throw conflict(`Cannot delete model '${name}', is referenced in method response: ${place}`);
    }
  for (const other of await allModels(rows, scope, restApiId))
    if (other.name !== name && new RegExp(`models/${name}["/#]`).test(other.schema ?? ''))
      throw conflict(`Cannot delete model '${name}', is referenced in model: ${other.name}`);
}

const modelPatches: PatchRules<Draft<ModelRow>> = {
  refusals: listingRefusals({ replace: ['/description', '/schema'] }),
  paths: [
    {
      path: '/description',
      replace: (model, value) => {
        model.description = patchText(value);
      },
    },
    {
      path: '/schema',
      replace: (model, value) => {
        checkSchema(value);
        model.schema = value;
      },
    },
  ],
};

const EMPTY_SCHEMA = {
  $schema: 'http://json-schema.org/draft-04/schema#',
  title: 'Empty Schema',
  type: 'object',
};
const ERROR_SCHEMA = {
  $schema: 'http://json-schema.org/draft-04/schema#',
  title: 'Error Schema',
  type: 'object',
  properties: { message: { type: 'string' } },
};

/** Every API made by CreateRestApi has these two; an imported one has only what the document defines. */
export async function putDefaultModels(
  ports: Pick<ApiGatewayPorts, 'random'>,
  rows: Transaction,
  scope: Scope,
  restApiId: string,
): Promise<void> {
  const defaults = [
    { name: 'Empty', description: 'This is a default empty schema model', schema: EMPTY_SCHEMA },
    { name: 'Error', description: 'This is a default error schema model', schema: ERROR_SCHEMA },
  ];
  for (const { name, description, schema } of defaults) {
    const id = apiGatewayId(6, ports.random);
    const text = JSON.stringify(schema, null, 2);
    await rows.put(models, scope, `${restApiId}/${name}`, {
      id,
      name,
      description,
      contentType: 'application/json',
      schema: text,
    });
  }
}
