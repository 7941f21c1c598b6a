/** Method responses: https://docs.aws.amazon.com/apigateway/latest/api/API_MethodResponse.html */
import type {
  DeleteMethodResponseRequest,
  GetMethodResponseRequest,
  MethodResponse,
  PutMethodResponseRequest,
  UpdateMethodResponseRequest,
} from '@aws-sdk/client-api-gateway';
import type { Call } from '../../wire/service.ts';
import { type Draft, draftOf } from '../kit/draft.ts';
import { applyPatches, bareRefusals, type PatchRules, patchBoolean } from '../kit/patch.ts';
import { badRequest, conflict, notFound } from './faults.ts';
import { checkModels } from './method.ts';
import type { ApiGatewayPorts } from './ports.ts';
import { needMethod, needMethodResponse, putMethodRow } from './resource-row.ts';
import { filled, withoutEmpty } from './shapes.ts';

export const methodResponseOperations = (ports: ApiGatewayPorts) => ({
  PutMethodResponse: async (input: PutMethodResponseRequest, call: Call): Promise<MethodResponse> =>
    ports.store.transaction(async (rows) => {
      const { resource, method } = await needMethod(rows, call.scope, input);
      const statusCode = input.statusCode ?? '';
      if (method.methodResponses?.[statusCode]) throw conflict('Response already exists for this resource');
      const { responseParameters, responseModels } = input;
      checkResponseParameters(Object.keys(responseParameters ?? {}));
      await checkModels(rows, call.scope, input.restApiId ?? '', responseModels);
      const response = withoutEmpty({ statusCode, responseParameters, responseModels });
      await putMethodRow(rows, call.scope, input, resource, {
        ...method,
        methodResponses: { ...method.methodResponses, [statusCode]: response },
      });
      return response;
    }),

  GetMethodResponse: async (input: GetMethodResponseRequest, call: Call): Promise<MethodResponse> => {
    const { method } = await needMethod(ports.store, call.scope, input);
    return needMethodResponse(method, input.statusCode);
  },

  UpdateMethodResponse: async (input: UpdateMethodResponseRequest, call: Call): Promise<MethodResponse> =>
    ports.store.transaction(async (rows) => {
      const { resource, method } = await needMethod(rows, call.scope, input);
      const before = needMethodResponse(method, input.statusCode);
      const draft = applyPatches(draftOf(before), input.patchOperations, methodResponsePatches);
      await checkModels(rows, call.scope, input.restApiId ?? '', draft.responseModels);
      const response = withoutEmpty({
        ...draft,
        responseParameters: filled(draft.responseParameters),
        responseModels: filled(draft.responseModels),
      });
      await putMethodRow(rows, call.scope, input, resource, {
        ...method,
        methodResponses: { ...method.methodResponses, [input.statusCode ?? '']: response },
      });
      return response;
    }),

  DeleteMethodResponse: async (input: DeleteMethodResponseRequest, call: Call): Promise<object> => {
    await ports.store.transaction(async (rows) => {
      const { resource, method } = await needMethod(rows, call.scope, input);
      needMethodResponse(method, input.statusCode);
      const { [input.statusCode ?? '']: _gone, ...others } = method.methodResponses ?? {};
      await putMethodRow(
        rows,
        call.scope,
        input,
        resource,
        withoutEmpty({ ...method, methodResponses: filled(others) }),
      );
    });
    return {};
  },
});

function checkResponseParameters(names: readonly string[]): void {
  for (const name of names)
    if (!/^method\.response\.header\.\S+$/.test(name))
      throw badRequest(
        `Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: ${name}]`,
      );
}

const methodResponsePatches: PatchRules<Draft<MethodResponse>> = {
  refusals: bareRefusals,
  paths: [
    {
      path: '/responseParameters/{name}',
      add: (response, value, [name = '']) => {
        checkResponseParameters([name]);
        response.responseParameters = { ...response.responseParameters, [name]: patchBoolean(value) };
      },
      replace: (response, value, [name = '']) => {
        if (response.responseParameters?.[name] === undefined)
          throw notFound('Invalid parameter name specified');
        response.responseParameters = { ...response.responseParameters, [name]: patchBoolean(value) };
      },
      remove: (response, _value, [name = '']) => {
        const { [name]: gone, ...others } = response.responseParameters ?? {};
        if (gone === undefined) throw notFound('Invalid parameter name specified');
        response.responseParameters = others;
      },
    },
    {
      path: '/responseModels/{contentType}',
      add: (response, value, [type = '']) => {
        response.responseModels = { ...response.responseModels, [type]: value ?? '' };
      },
      replace: (response, value, [type = '']) => {
        if (response.responseModels?.[type] === undefined)
          throw notFound('Content-Type specified was not found');
        response.responseModels = { ...response.responseModels, [type]: value ?? '' };
      },
      remove: (response, _value, [type = '']) => {
        const { [type]: gone, ...others } = response.responseModels ?? {};
        if (gone === undefined) throw notFound('Content-Type specified was not found');
        response.responseModels = others;
      },
    },
  ],
};
