/** One method as an operation. */
import type { Method, MethodResponse } from '@aws-sdk/client-api-gateway';
import { filled, withoutEmpty } from '../shapes.ts';
import type { ExportSource } from './export-source.ts';
import { writeIntegration } from './write-integration.ts';
import { schemaReference } from './write-schemas.ts';
import { writeSecurity } from './write-security.ts';

export function writeOperation(source: ExportSource, method: Method, resourceId: string | undefined): object {
  const shape = source.version === 2 ? operation2(source, method) : operation3(source, method);
  const validator = source.definition.requestValidators.find((one) => one.id === method.requestValidatorId);
  return withoutEmpty({
    operationId: method.operationName,
    ...shape,
    security: writeSecurity(source, method),
    'x-amazon-apigateway-request-validator': source.extensions.apigateway ? validator?.name : undefined,
    'x-amazon-apigateway-integration':
      source.extensions.integrations && method.methodIntegration
        ? writeIntegration(method.methodIntegration, resourceId)
        : undefined,
    'x-postman-meta':
      source.extensions.postman && method.authorizationType === 'AWS_IAM'
        ? signedByPostman(source)
        : undefined,
  });
}

/** How Postman is told to sign its requests; accounts and secrets are its user's. */
const signedByPostman = ({ scope }: ExportSource): object => ({
  currentHelper: 'awsSigV4',
  helperAttributes: { accessKey: '', secretKey: '', region: scope.region, service: 'execute-api' },
});

const LOCATIONS: Readonly<Record<string, string>> = { path: 'path', querystring: 'query', header: 'header' };

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
}

function parametersOf(method: Method): Parameter[] {
  return Object.entries(method.requestParameters ?? {}).map(([key, required]) => {
    const [, , location = '', ...name] = key.split('.');
    return { name: name.join('.'), in: LOCATIONS[location] ?? location, required };
  });
}

function operation2(source: ExportSource, method: Method): object {
  const [bodyModel] = Object.values(method.requestModels ?? {});
  const body = bodyModel && {
    in: 'body',
    name: bodyModel,
    required: true,
    schema: schemaReference(source, bodyModel),
  };
  const parameters = [
    ...parametersOf(method).map((parameter) => ({ ...parameter, type: 'string' })),
    ...(body ? [body] : []),
  ];
  const responses = Object.values(method.methodResponses ?? {});
  const produces = [...new Set(responses.flatMap((one) => Object.keys(one.responseModels ?? {})))];
  const consumes = Object.keys(method.requestModels ?? {});
  return withoutEmpty({
    consumes: consumes.length > 0 ? consumes : undefined,
    produces: produces.length > 0 ? produces : undefined,
    parameters: parameters.length > 0 ? parameters : undefined,
    responses: Object.fromEntries(
      responses.map((response) => [response.statusCode ?? '', response2(source, response)]),
    ),
  });
}

function response2(source: ExportSource, response: MethodResponse): object {
  const [model] = Object.values(response.responseModels ?? {});
  return withoutEmpty({
    description: `${response.statusCode} response`,
    schema: model && schemaReference(source, model),
    headers: filled(Object.fromEntries(headerNames(response).map((name) => [name, { type: 'string' }]))),
  });
}

function operation3(source: ExportSource, method: Method): object {
  const parameters = parametersOf(method).map(({ required, ...parameter }) => ({
    ...parameter,
    ...(required ? { required } : {}),
    schema: { type: 'string' },
  }));
  const content = contentOf(source, method.requestModels);
  const responses = Object.values(method.methodResponses ?? {});
  return withoutEmpty({
    parameters: parameters.length > 0 ? parameters : undefined,
    requestBody: filled(content) && { content, required: true },
    responses: Object.fromEntries(
      responses.map((response) => [response.statusCode ?? '', response3(source, response)]),
    ),
  });
}

const response3 = (source: ExportSource, response: MethodResponse): object =>
  withoutEmpty({
    description: `${response.statusCode} response`,
    headers: filled(
      Object.fromEntries(headerNames(response).map((name) => [name, { schema: { type: 'string' } }])),
    ),
    content: contentOf(source, response.responseModels),
  });

const contentOf = (
  source: ExportSource,
  models: Readonly<Record<string, string>> | undefined,
): Record<string, object> =>
  Object.fromEntries(
    Object.entries(models ?? {}).map(([type, model]) => [type, { schema: schemaReference(source, model) }]),
  );

const headerNames = (response: MethodResponse): string[] =>
  Object.keys(response.responseParameters ?? {}).map((name) => name.replace('method.response.header.', ''));
