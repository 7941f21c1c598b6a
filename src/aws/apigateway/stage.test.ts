import { expect, test } from 'bun:test';
import type { PatchOperation } from '@aws-sdk/client-api-gateway';
import { CALL, mockApi, openControlPlane, refusal } from './testing/control-plane.ts';

async function staged() {
  const plane = openControlPlane();
  const { restApiId } = await mockApi(plane);
  const { id: deploymentId } = await plane.run.CreateDeployment({ restApiId }, CALL);
  const stage = { restApiId, stageName: 'dev' };
  await plane.run.CreateStage({ ...stage, deploymentId, variables: { testVar: 'default' } }, CALL);
  return { ...plane, restApiId, deploymentId: deploymentId ?? '', stage };
}

test('a new stage as AWS shows it', async () => {
  const { run, stage, deploymentId } = await staged();
  expect(await run.GetStage(stage, CALL)).toEqual({
    stageName: 'dev',
    deploymentId,
    cacheClusterEnabled: false,
    cacheClusterStatus: 'NOT_AVAILABLE',
    methodSettings: {},
    tracingEnabled: false,
    variables: { testVar: 'default' },
    createdDate: new Date('2026-01-02T03:04:05Z'),
    lastUpdatedDate: new Date('2026-01-02T03:04:05Z'),
  });
});

const SETTINGS = {
  cacheDataEncrypted: false,
  cacheTtlInSeconds: 300,
  cachingEnabled: false,
  dataTraceEnabled: false,
  metricsEnabled: false,
  requireAuthorizationForCacheControl: true,
  throttlingBurstLimit: 5000,
  throttlingRateLimit: 10_000,
  unauthorizedCacheControlHeaderStrategy: 'SUCCEED_WITH_RESPONSE_HEADER',
};

const CHANGES: [string, PatchOperation[], object | string][] = [
  [
    'every method',
    [
      { op: 'replace', path: '/*/*/throttling/burstLimit', value: '123' },
      { op: 'replace', path: '/*/*/caching/enabled', value: 'true' },
    ],
    { methodSettings: { '*/*': { ...SETTINGS, throttlingBurstLimit: 123, cachingEnabled: true } } },
  ],
  [
    'one method, its slashes escaped',
    [{ op: 'replace', path: '/~1pets~1{id}/GET/logging/loglevel', value: 'INFO' }],
    { methodSettings: { '~1pets~1{id}/GET': { ...SETTINGS, loggingLevel: 'INFO' } } },
  ],
  [
    'one method as Terraform writes it',
    [{ op: 'replace', path: '/pets/{id}/GET/metrics/enabled', value: 'true' }],
    { methodSettings: { 'pets/{id}/GET': { ...SETTINGS, metricsEnabled: true } } },
  ],
  [
    'settings removed with their method',
    [
      { op: 'replace', path: '/*/*/metrics/enabled', value: 'true' },
      { op: 'remove', path: '/*/*' },
    ],
    { methodSettings: {} },
  ],
  [
    'a canary begins with the first of its settings',
    [{ op: 'replace', path: '/canarySettings/percentTraffic', value: '50' }],
    { canarySettings: { percentTraffic: 50, deploymentId: expect.any(String), useStageCache: false } },
  ],
  [
    'variables',
    [
      { op: 'replace', path: '/variables/url', value: 'https://x.org/?a=b' },
      { op: 'remove', path: '/variables/testVar' },
    ],
    { variables: { url: 'https://x.org/?a=b' } },
  ],
  [
    'nothing to remove',
    [{ op: 'remove', path: '/canarySettings/stageVariableOverrides' }],
    'BadRequestException: Cannot remove method setting canarySettings/stageVariableOverrides because there is no method setting for this method ',
  ],
  [
    'no such add',
    [{ op: 'add', path: '/canarySettings/deploymentId', value: 'x' }],
    'BadRequestException: Invalid add operation with path: /canarySettings/deploymentId',
  ],
  [
    'a deployment that is not there',
    [{ op: 'replace', path: '/deploymentId', value: 'nowhere' }],
    'BadRequestException: Deployment id does not exist',
  ],
];
test.each(CHANGES)('UpdateStage: %s', async (_name, patchOperations, expected) => {
  const { run, stage } = await staged();
  const answer = await refusal(run.UpdateStage({ ...stage, patchOperations }, CALL));
  if (typeof expected === 'string') expect(answer).toBe(expected);
  else expect(answer).toMatchObject(expected);
});

test('an unknown path lists what there is', async () => {
  const { run, stage } = await staged();
  const patchOperations: PatchOperation[] = [{ op: 'replace', path: '/tags/tag1', value: 'x' }];
  expect(await refusal(run.UpdateStage({ ...stage, patchOperations }, CALL))).toStartWith(
    'BadRequestException: Invalid method setting path: /tags/tag1. Must be one of: [/deploymentId, /description,',
  );
});

test('a canary deployment leaves the stage where it is; promoting copies it over', async () => {
  const { run, stage, restApiId, deploymentId, service } = await staged();
  const canarySettings = { percentTraffic: 50, stageVariableOverrides: { testVar: 'canary' } };
  const { id } = await run.CreateDeployment({ restApiId, stageName: 'dev', canarySettings }, CALL);
  expect(await run.GetStage(stage, CALL)).toMatchObject({
    deploymentId,
    canarySettings: { ...canarySettings, deploymentId: id, useStageCache: false },
  });
  const document = await service.loadApi(restApiId);
  expect(document?.stages['dev']).toMatchObject({ canary: { percentTraffic: 50, deploymentId: id } });
  const promoted = await run.UpdateStage(
    {
      ...stage,
      patchOperations: [
        { op: 'copy', from: '/canarySettings/deploymentId', path: '/deploymentId' },
        { op: 'copy', from: '/canarySettings/stageVariableOverrides', path: '/variables' },
        { op: 'remove', path: '/canarySettings' },
      ],
    },
    CALL,
  );
  expect(promoted).toMatchObject({ deploymentId: id, variables: { testVar: 'canary' } });
});

test('refusals around stages', async () => {
  const { run, stage, restApiId, deploymentId } = await staged();
  const canarySettings = { percentTraffic: 50 };
  const invalid = 'BadRequestException: Invalid deployment content specified.';
  const refused: [Promise<unknown>, string][] = [
    [run.CreateStage({ ...stage, deploymentId }, CALL), 'ConflictException: Stage already exists'],
    [
      run.CreateDeployment({ restApiId, canarySettings }, CALL),
      `${invalid}Non null and non empty stageName must be provided for canary deployment. Provided value is null`,
    ],
    [
      run.CreateDeployment({ restApiId, canarySettings, stageName: 'non-existing' }, CALL),
      `${invalid}Stage non-existing must already be created before making a canary release deployment`,
    ],
    [
      run.DeleteDeployment({ restApiId, deploymentId }, CALL),
      'BadRequestException: Active stages pointing to this deployment must be moved or deleted',
    ],
    [
      run.GetStage({ restApiId, stageName: 'x' }, CALL),
      'NotFoundException: Invalid stage identifier specified',
    ],
  ];
  for (const [work, expected] of refused) expect(await refusal(work)).toBe(expected);
});

test('each API takes ten stages', async () => {
  const { run, restApiId, deploymentId } = await staged();
  for (let index = 1; index < 10; index++)
    await run.CreateStage({ restApiId, deploymentId, stageName: `s${index}` }, CALL);
  expect(await refusal(run.CreateStage({ restApiId, deploymentId, stageName: 'more' }, CALL))).toBe(
    'LimitExceededException: Maximum number of Stages for this API has been reached. Please contact AWS if you need additional Stages.',
  );
});
