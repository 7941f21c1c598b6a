/** Schemas and their types. https://docs.aws.amazon.com/appsync/latest/APIReference/API_StartSchemaCreation.html */
import type {
  CreateTypeRequest,
  CreateTypeResponse,
  DeleteTypeRequest,
  GetIntrospectionSchemaRequest,
  GetSchemaCreationStatusRequest,
  GetSchemaCreationStatusResponse,
  GetTypeRequest,
  GetTypeResponse,
  ListTypesRequest,
  ListTypesResponse,
  StartSchemaCreationRequest,
  StartSchemaCreationResponse,
  Type,
  UpdateTypeRequest,
  UpdateTypeResponse,
} from '@aws-sdk/client-appsync';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Call } from '../../wire/service.ts';
import { badRequest, notFound } from './faults.ts';
import { type AppSyncPorts, change, findApi, pageOf } from './room.ts';
import { apiArn, apis } from './rows.ts';

export const schemaOperations = (ports: AppSyncPorts) => {
  const { graphql, store } = ports;
  const typesOf = (sdl: string | undefined) => (sdl === undefined ? [] : graphql.typesOf(sdl));
  const show = (
    scope: Scope,
    apiId: string,
    type: ReturnType<typeof graphql.typesOf>[number],
    format: Type['format'] = 'SDL',
  ): Type => ({
    name: type.name,
    ...(type.description !== undefined && { description: type.description }),
    arn: `${apiArn(scope, apiId)}/types/${type.name}`,
    definition: type.definition,
    format,
  });
  /** Writes a schema that was checked. */
  const rewrite = (scope: Scope, apiId: string | undefined, edit: (sdl: string) => string): Promise<void> =>
    change(ports, scope, apiId, async (rows, api) => {
      const schema = edit(api.schema ?? '');
      const problem = schema.trim() === '' ? undefined : graphql.checkSchema(schema);
      if (problem !== undefined) throw badRequest(problem);
      await rows.put(apis, scope, api.apiId, { ...api, schema });
    });

  return {
    /** A schema that is wrong is told by GetSchemaCreationStatus, and the one before stays. */
    async StartSchemaCreation(
      { apiId, definition }: StartSchemaCreationRequest,
      { scope }: Call,
    ): Promise<StartSchemaCreationResponse> {
      const sdl = Buffer.from(definition ?? []).toString('utf8');
      const problem =
        Buffer.byteLength(sdl) > limits.appsyncSchemaBytes
          ? 'Schema document is too large.'
          : graphql.checkSchema(sdl);
      await change(ports, scope, apiId, (rows, api) =>
        rows.put(apis, scope, api.apiId, {
          ...api,
          ...(problem === undefined && { schema: sdl }),
          schemaStatus:
            problem === undefined
              ? { status: 'SUCCESS', details: 'Successfully created schema with types.' }
              : { status: 'FAILED', details: problem },
        }),
      );
      return { status: 'PROCESSING' };
    },

    async GetSchemaCreationStatus(
      { apiId }: GetSchemaCreationStatusRequest,
      { scope }: Call,
    ): Promise<GetSchemaCreationStatusResponse> {
      const { schemaStatus, schema } = await findApi(store, scope, apiId);
      if (schemaStatus !== undefined) return { ...schemaStatus };
      return { status: schema === undefined ? 'NOT_APPLICABLE' : 'ACTIVE', details: '' };
    },

    async GetIntrospectionSchema(
      { apiId, format, includeDirectives = true }: GetIntrospectionSchemaRequest,
      { scope }: Call,
    ): Promise<{ schema: Uint8Array }> {
      const { schema } = await findApi(store, scope, apiId);
      if (schema === undefined) throw new Fault('GraphQLSchemaException', 'There is no schema for this API.');
      return {
        schema: new TextEncoder().encode(
          graphql.introspect(schema, format === 'JSON' ? 'JSON' : 'SDL', includeDirectives),
        ),
      };
    },

    async GetType({ apiId, typeName, format }: GetTypeRequest, { scope }: Call): Promise<GetTypeResponse> {
      const api = await findApi(store, scope, apiId);
      const type = typesOf(api.schema).find(({ name }) => name === typeName);
      if (type === undefined) throw notFound(`Type ${typeName} not found.`);
      return { type: show(scope, api.apiId, type, format) };
    },

    async ListTypes(input: ListTypesRequest, { scope }: Call): Promise<ListTypesResponse> {
      const api = await findApi(store, scope, input.apiId);
      const { items, nextToken } = pageOf(typesOf(api.schema), input);
      return {
        types: items.map((type) => show(scope, api.apiId, type, input.format)),
        ...(nextToken !== undefined && { nextToken }),
      };
    },

    async CreateType(
      { apiId, definition = '', format }: CreateTypeRequest,
      { scope }: Call,
    ): Promise<CreateTypeResponse> {
      const type = only(typesOf(definition));
      await rewrite(scope, apiId, (sdl) => `${sdl}\n\n${type.definition}\n`);
      return { type: show(scope, apiId ?? '', type, format) };
    },

    async UpdateType(
      { apiId, typeName, definition, format }: UpdateTypeRequest,
      { scope }: Call,
    ): Promise<UpdateTypeResponse> {
      const api = await findApi(store, scope, apiId);
      const before = typesOf(api.schema).find(({ name }) => name === typeName);
      if (before === undefined) throw notFound(`Type ${typeName} not found.`);
      const type = definition === undefined ? before : only(typesOf(definition));
      await rewrite(scope, apiId, (sdl) =>
        joined(typesOf(sdl).map((each) => (each.name === typeName ? type : each))),
      );
      return { type: show(scope, api.apiId, type, format) };
    },

    async DeleteType({ apiId, typeName }: DeleteTypeRequest, { scope }: Call): Promise<object> {
      const api = await findApi(store, scope, apiId);
      if (!typesOf(api.schema).some(({ name }) => name === typeName))
        throw notFound(`Type ${typeName} not found.`);
      await rewrite(scope, apiId, (sdl) => joined(typesOf(sdl).filter(({ name }) => name !== typeName)));
      return {};
    },
  };
};

const joined = (types: readonly { readonly definition: string }[]): string =>
  types.map(({ definition }) => definition).join('\n\n');

function only<T>(types: readonly T[]): T {
  const [type, ...more] = types;
  if (type === undefined || more.length > 0) throw badRequest('The definition must hold exactly one type.');
  return type;
}
