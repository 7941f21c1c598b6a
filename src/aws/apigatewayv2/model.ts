/** Models of WebSocket APIs: https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-models.html */
import type {
  CreateModelRequest,
  CreateModelResponse,
  DeleteModelRequest,
  GetModelRequest,
  GetModelResponse,
  GetModelsRequest,
  GetModelsResponse,
  GetModelTemplateRequest,
  GetModelTemplateResponse,
  Model,
  UpdateModelRequest,
  UpdateModelResponse,
} from '@aws-sdk/client-apigatewayv2';
import { apiGatewayId } from '../../base/ids.ts';
import type { Scope } from '../../base/scope.ts';
import { type Reader, table } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { readApi } from './api-row.ts';
import { type Change, changeDefinition } from './change.ts';
import { badRequest, conflict, missing } from './faults.ts';
import { listPage } from './page.ts';
import { given, patched } from './patch.ts';
import type { ApiGatewayV2Ports } from './ports.ts';
import { requireWebSocket } from './websocket-only.ts';

/** Key: `{api}/{model}`. */
export const models = table<Model>('apigatewayv2.models');

export const modelOperations = (ports: ApiGatewayV2Ports) => ({
  CreateModel: async (
    { ApiId = '', ...members }: CreateModelRequest,
    call: Call,
  ): Promise<CreateModelResponse> =>
    changeDefinition(ports, call, ApiId, async (change) => {
      requireWebSocket(change, 'Models');
      const ModelId = apiGatewayId(6, ports.random);
      const ContentType = members.ContentType ?? 'application/json';
      const row: Model = given({ ...members, ContentType, ModelId });
      await putModel(change, row);
      return row;
    }),

  GetModel: async (input: GetModelRequest, { scope }: Call): Promise<GetModelResponse> =>
    read(ports.store, scope, input),

  GetModels: async (input: GetModelsRequest, { scope }: Call): Promise<GetModelsResponse> => {
    await readApi(ports.store, scope, input.ApiId ?? '');
    const listing = { rows: ports.store, table: models, scope, prefix: `${input.ApiId}/` };
    const page = await listPage(listing, input);
    return { Items: [...page.rows], NextToken: page.NextToken };
  },

  GetModelTemplate: async (
    input: GetModelTemplateRequest,
    { scope }: Call,
  ): Promise<GetModelTemplateResponse> => {
    const { Schema } = await read(ports.store, scope, input);
    return { Value: Schema };
  },

  UpdateModel: async (input: UpdateModelRequest, call: Call): Promise<UpdateModelResponse> =>
    changeDefinition(ports, call, input.ApiId ?? '', async (change) => {
      const { ApiId: _, ModelId: __, ...changes } = input;
      const row = patched(await read(change.rows, change.scope, input), changes);
      await putModel(change, row);
      return row;
    }),

  DeleteModel: async (input: DeleteModelRequest, call: Call) => {
    await changeDefinition(ports, call, input.ApiId ?? '', async ({ rows, scope }) => {
      await read(rows, scope, input);
      await rows.delete(models, scope, `${input.ApiId}/${input.ModelId}`);
    });
    return {};
  },
});

async function read(rows: Pick<Reader, 'get'>, scope: Scope, of: GetModelRequest): Promise<Model> {
  const row = await rows.get(models, scope, `${of.ApiId}/${of.ModelId}`);
  if (!row) throw missing('Model', of.ModelId ?? '');
  return row;
}

async function putModel({ rows, scope, api }: Change, row: Model): Promise<void> {
  checkModel(row);
  const others = await rows.list(models, scope, { prefix: `${api.ApiId}/` });
  if (others.some(({ row: other }) => other.Name === row.Name && other.ModelId !== row.ModelId))
    throw conflict(`Model name ${row.Name} already exists for this API`);
  await rows.put(models, scope, `${api.ApiId}/${row.ModelId}`, row);
}

function checkModel({ Name, Schema }: Model): void {
  if (!/^[A-Za-z0-9]+$/.test(Name ?? '')) throw badRequest(`Model name must be alphanumeric: ${Name}`);
  try {
    JSON.parse(Schema ?? '');
  } catch {
    throw badRequest(
      'Invalid model specified: Validation Result: warnings : [], errors : [Invalid model schema specified]',
    );
  }
}
