import { expect, test } from 'bun:test';
import type { PatchOperation } from '@aws-sdk/client-api-gateway';
import { CALL, openControlPlane, refusal } from './testing/control-plane.ts';

const template = { 'application/json': '{"message":$context.error.messageString}' };

async function api() {
  const { run } = openControlPlane();
  const { id: restApiId = '' } = await run.CreateRestApi({ name: 'a' }, CALL);
  return { run, restApiId };
}

test('every type has a default', async () => {
  const { run, restApiId } = await api();
  const { items = [] } = await run.GetGatewayResponses({ restApiId }, CALL);
  expect(items.map((one) => `${one.responseType} ${one.statusCode ?? '-'}`)).toEqual([
    'ACCESS_DENIED 403',
    'API_CONFIGURATION_ERROR 500',
    'AUTHORIZER_CONFIGURATION_ERROR 500',
    'AUTHORIZER_FAILURE 500',
    'BAD_REQUEST_BODY 400',
    'BAD_REQUEST_PARAMETERS 400',
    'DEFAULT_4XX -',
    'DEFAULT_5XX -',
    'EXPIRED_TOKEN 403',
    'INTEGRATION_FAILURE 504',
    'INTEGRATION_TIMEOUT 504',
    'INVALID_API_KEY 403',
    'INVALID_SIGNATURE 403',
    'MISSING_AUTHENTICATION_TOKEN 403',
    'QUOTA_EXCEEDED 429',
    'REQUEST_TOO_LARGE 413',
    'RESOURCE_NOT_FOUND 404',
    'THROTTLED 429',
    'UNAUTHORIZED 401',
    'UNSUPPORTED_MEDIA_TYPE 415',
    'WAF_FILTERED 403',
  ]);
});

test('a default for all 5XX shows in each that has none of its own', async () => {
  const { run, restApiId } = await api();
  const responseParameters = { 'gatewayresponse.header.x': "'y'" };
  const put = { restApiId, statusCode: '599', responseParameters };
  await run.PutGatewayResponse({ ...put, responseType: 'DEFAULT_5XX' }, CALL);
  await run.PutGatewayResponse({ restApiId, responseType: 'AUTHORIZER_FAILURE' }, CALL);
  const get = (responseType: 'INTEGRATION_TIMEOUT' | 'AUTHORIZER_FAILURE' | 'UNAUTHORIZED') =>
    run.GetGatewayResponse({ restApiId, responseType }, CALL);
  expect(await get('INTEGRATION_TIMEOUT')).toEqual({
    responseType: 'INTEGRATION_TIMEOUT',
    statusCode: '599',
    responseParameters,
    responseTemplates: template,
    defaultResponse: true,
  });
  expect(await get('AUTHORIZER_FAILURE')).toMatchObject({ statusCode: '500', defaultResponse: false });
  expect(await get('UNAUTHORIZED')).toMatchObject({ statusCode: '401', defaultResponse: true });
});

const PATCHES: [string, PatchOperation[], object | string][] = [
  [
    'one that was never put',
    [{ op: 'replace', path: '/statusCode', value: '444' }],
    { statusCode: '444', responseParameters: {}, responseTemplates: template, defaultResponse: false },
  ],
  [
    'a wrong op is a wrong path',
    [{ op: 'add', path: '/statusCode', value: '444' }],
    'BadRequestException: Invalid patch path /statusCode',
  ],
  ['no path', [{ op: 'add', value: '444' }], 'BadRequestException: Invalid patch path null'],
  [
    'a header that is not there',
    [{ op: 'replace', path: '/responseParameters/gatewayresponse.header.x', value: "'y'" }],
    'NotFoundException: Invalid parameter name specified',
  ],
  [
    'no template',
    [{ op: 'replace', path: '/responseTemplates/application~1json' }],
    'BadRequestException: Invalid null or empty value in responseTemplates',
  ],
  [
    'no header',
    [{ op: 'replace', path: '/responseParameters/gatewayresponse.header.x' }],
    'BadRequestException: Invalid null or empty value in responseParameters',
  ],
];
test.each(PATCHES)('UpdateGatewayResponse: %s', async (_name, patchOperations, expected) => {
  const { run, restApiId } = await api();
  const response = { restApiId, responseType: 'DEFAULT_4XX', patchOperations } as const;
  const answer = await refusal(run.UpdateGatewayResponse({ ...response, patchOperations }, CALL));
  if (typeof expected === 'string') expect(answer).toBe(expected);
  else expect(answer).toMatchObject(expected);
});

test('what was never set cannot be deleted', async () => {
  const { run, restApiId } = await api();
  expect(await refusal(run.DeleteGatewayResponse({ restApiId, responseType: 'THROTTLED' }, CALL))).toBe(
    'NotFoundException: Gateway response type not defined on api',
  );
});
