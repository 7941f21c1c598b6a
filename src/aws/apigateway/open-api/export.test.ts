import { expect, test } from 'bun:test';
import type { GetExportRequest } from '@aws-sdk/client-api-gateway';
import { CALL, openControlPlane, refusal } from '../testing/control-plane.ts';

const lambda = {
  type: 'apiKey',
  name: 'Auth',
  in: 'header',
  'x-amazon-apigateway-authtype': 'custom',
  'x-amazon-apigateway-authorizer': {
    type: 'token',
    authorizerUri:
      'arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:auth/invocations',
    authorizerResultTtlInSeconds: 60,
  },
};

const integration = {
  httpMethod: 'POST',
  uri: 'http://pets.example/{id}',
  responses: {
    default: {
      statusCode: '200',
      responseParameters: { 'method.response.header.X': "'y'" },
    },
  },
  requestParameters: { 'integration.request.path.id': 'method.request.path.id' },
  passthroughBehavior: 'when_no_match',
  type: 'http',
};

/** As AWS would print it: importing and exporting gives it back. */
const SWAGGER = {
  swagger: '2.0',
  info: { title: 'Pets', description: 'All of them', version: '1.0' },
  schemes: ['https'],
  paths: {
    '/pets/{id}': {
      post: {
        operationId: 'SavePet',
        consumes: ['application/json'],
        produces: ['application/json'],
        parameters: [
          { name: 'id', in: 'path', required: true, type: 'string' },
          { in: 'body', name: 'Pet', required: true, schema: { $ref: '#/definitions/Pet' } },
        ],
        responses: {
          '200': {
            description: '200 response',
            schema: { $ref: '#/definitions/Pet' },
            headers: { X: { type: 'string' } },
          },
        },
        security: [{ lambda: [] }],
        'x-amazon-apigateway-request-validator': 'all',
        'x-amazon-apigateway-integration': integration,
      },
    },
  },
  securityDefinitions: { lambda },
  definitions: {
    Pet: { type: 'object', properties: { toy: { $ref: '#/definitions/Toy' } } },
    Toy: { type: 'string' },
  },
  'x-amazon-apigateway-request-validators': {
    all: { validateRequestParameters: true, validateRequestBody: true },
  },
  'x-amazon-apigateway-binary-media-types': ['image/png'],
};

async function deployed() {
  const { run } = openControlPlane();
  const body = new TextEncoder().encode(JSON.stringify(SWAGGER));
  const { id: restApiId = '' } = await run.ImportRestApi({ body }, CALL);
  await run.CreateDeployment({ restApiId, stageName: 'prod' }, CALL);
  const exported = async (input: Partial<GetExportRequest>) => {
    const request = { restApiId, stageName: 'prod', exportType: 'swagger', ...input };
    const answer = await run.GetExport(request, CALL);
    return { ...answer, text: new TextDecoder().decode(answer.body) };
  };
  return { run, restApiId, exported };
}

test('what was imported comes out again', async () => {
  const { restApiId, exported } = await deployed();
  const answer = await exported({ parameters: { extensions: 'apigateway' } });
  expect(answer.contentDisposition).toBe('attachment; filename="swagger_1.0.json"');
  expect(JSON.parse(answer.text)).toEqual({
    ...SWAGGER,
    host: `${restApiId}.execute-api.eu-west-1.amazonaws.com`,
    basePath: '/prod',
  });
});

test('without extensions there is nothing of API Gateway in it but how to sign', async () => {
  const { exported } = await deployed();
  const { text } = await exported({});
  const found = new Set(text.match(/x-amazon-apigateway-[a-z-]+/g));
  expect([...found]).toEqual(['x-amazon-apigateway-authtype']);
});

test('version 3', async () => {
  const { restApiId, exported } = await deployed();
  const { text, contentDisposition } = await exported({
    exportType: 'oas30',
    parameters: { extensions: 'integrations' },
  });
  expect(contentDisposition).toBe('attachment; filename="oas30_1.0.json"');
  const Pet = { $ref: '#/components/schemas/Pet' };
  expect(JSON.parse(text)).toMatchObject({
    openapi: '3.0.1',
    servers: [
      {
        url: `https://${restApiId}.execute-api.eu-west-1.amazonaws.com/{basePath}`,
        variables: { basePath: { default: 'prod' } },
      },
    ],
    paths: {
      '/pets/{id}': {
        post: {
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
          requestBody: { content: { 'application/json': { schema: Pet } }, required: true },
          responses: {
            '200': {
              headers: { X: { schema: { type: 'string' } } },
              content: { 'application/json': { schema: Pet } },
            },
          },
          'x-amazon-apigateway-integration': integration,
        },
      },
    },
    components: { schemas: { Toy: { type: 'string' } } },
  });
});

test('YAML on request', async () => {
  const { exported } = await deployed();
  const { text, contentDisposition } = await exported({ accepts: 'application/yaml' });
  expect(text).toStartWith('swagger: "2.0"\ninfo:\n');
  expect(contentDisposition).toBe('attachment; filename="swagger_1.0.yaml"');
});

test('what is not offered is refused by name', async () => {
  const { run, restApiId } = await deployed();
  const get = (input: Partial<GetExportRequest>) =>
    refusal(run.GetExport({ restApiId, stageName: 'prod', exportType: 'swagger', ...input }, CALL));
  expect(await get({ exportType: 'wsdl' })).toBe("BadRequestException: No API exporter for type 'wsdl'");
  expect(await get({ stageName: 'no' })).toBe('NotFoundException: Invalid stage identifier specified');
});
