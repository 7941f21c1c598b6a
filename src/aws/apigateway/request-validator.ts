/** Request validators: https://docs.aws.amazon.com/apigateway/latest/api/API_RequestValidator.html */
import type {
  CreateRequestValidatorRequest,
  DeleteRequestValidatorRequest,
  GetRequestValidatorRequest,
  GetRequestValidatorsRequest,
  RequestValidator,
  RequestValidators,
  UpdateRequestValidatorRequest,
} from '@aws-sdk/client-api-gateway';
import { apiGatewayId } from '../../base/ids.ts';
import type { Scope } from '../../base/scope.ts';
import type { Reader } from '../../store/store.ts';
import type { Call } from '../../wire/service.ts';
import { type Draft, draftOf } from '../kit/draft.ts';
import { pageOfRows } from '../kit/page.ts';
import { applyPatches, listingRefusals, type PatchRules, patchBoolean } from '../kit/patch.ts';
import { badRequest, conflict, notFound } from './faults.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { type RequestValidatorRow, validators } from './request-validator-row.ts';
import { allResources } from './resource.ts';
import { needRestApi, restApis } from './rest-api-row.ts';

export const requestValidatorOperations = (ports: ApiGatewayPorts) => ({
  CreateRequestValidator: async (
    input: CreateRequestValidatorRequest,
    call: Call,
  ): Promise<RequestValidator> =>
    ports.store.transaction(async (rows) => {
      if (!(await rows.get(restApis, call.scope, input.restApiId ?? '')))
        throw badRequest('Invalid REST API identifier specified');
      const row: RequestValidatorRow = {
        id: apiGatewayId(6, ports.random),
        name: input.name,
        validateRequestBody: input.validateRequestBody ?? false,
        validateRequestParameters: input.validateRequestParameters ?? false,
      };
      await rows.put(validators, call.scope, `${input.restApiId}/${row.id}`, row);
      return row;
    }),

  GetRequestValidator: async (input: GetRequestValidatorRequest, call: Call): Promise<RequestValidator> =>
    needValidator(ports.store, call.scope, input),

  GetRequestValidators: async (
    input: GetRequestValidatorsRequest,
    call: Call,
  ): Promise<RequestValidators> => {
    await needRestApi(ports.store, call.scope, input.restApiId);
    return pageOfRows(ports.store, validators, call.scope, { ...input, prefix: `${input.restApiId}/` });
  },

  UpdateRequestValidator: async (
    input: UpdateRequestValidatorRequest,
    call: Call,
  ): Promise<RequestValidator> =>
    ports.store.transaction(async (rows) => {
      const draft = draftOf(await needValidator(rows, call.scope, input));
      applyPatches(draft, input.patchOperations, validatorPatches);
      await rows.put(validators, call.scope, `${input.restApiId}/${draft.id}`, draft);
      return draft;
    }),

  DeleteRequestValidator: async (input: DeleteRequestValidatorRequest, call: Call): Promise<object> => {
    await ports.store.transaction(async (rows) => {
      const row = await needValidator(rows, call.scope, input);
      for (const resource of await allResources(rows, call.scope, input.restApiId ?? ''))
        for (const [verb, method] of Object.entries(resource.methods ?? {}))
          if (method.requestValidatorId === row.id)
            throw conflict(
              `Cannot delete Request Validator '${row.id}', is referenced in method: ${resource.path}/${verb}`,
            );
      await rows.delete(validators, call.scope, `${input.restApiId}/${row.id}`);
    });
    return {};
  },
});

async function needValidator(
  rows: Pick<Reader, 'get'>,
  scope: Scope,
  input: GetRequestValidatorRequest,
): Promise<RequestValidatorRow> {
  const row = await rows.get(validators, scope, `${input.restApiId}/${input.requestValidatorId}`);
  if (row === undefined) throw notFound('Invalid Request Validator identifier specified');
  return row;
}

const validatorPatches: PatchRules<Draft<RequestValidatorRow>> = {
  refusals: listingRefusals({ replace: ['/name', '/validateRequestParameters', '/validateRequestBody'] }),
  paths: [
    {
      path: '/name',
      replace: (validator, value) => {
        if (!value) throw badRequest('Request Validator name cannot be blank');
        validator.name = value;
      },
    },
    {
      path: '/validateRequestParameters',
      replace: (validator, value) => {
        validator.validateRequestParameters = patchBoolean(value);
      },
    },
    {
      path: '/validateRequestBody',
      replace: (validator, value) => {
        validator.validateRequestBody = patchBoolean(value);
      },
    },
  ],
};
