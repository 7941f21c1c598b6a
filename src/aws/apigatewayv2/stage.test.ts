import { expect, test } from 'bun:test';
import { limits } from '../../base/limits.ts';
import { refusal, startTestService, testCall as call } from './testing/service.ts';

async function startApi() {
  const service = startTestService();
  const { ApiId = '' } = await service.handlers.CreateApi({ Name: 'orders', ProtocolType: 'HTTP' }, call);
  const served = async (stage: string) => {
    const document = await service.loadApi(ApiId);
    const found = document?.kind === 'HTTP' ? document.stages[stage] : undefined;
    return found?.definition.routes.map((route) => route.RouteKey).toSorted();
  };
  return { ...service, ApiId, served };
}

test('a stage with auto-deploy follows every change, another keeps its deployment', async () => {
  const { handlers, ApiId, served } = await startApi();
  await handlers.CreateStage({ ApiId, StageName: '$default', AutoDeploy: true }, call);
  await handlers.CreateRoute({ ApiId, RouteKey: 'GET /a' }, call);
  await handlers.CreateStage({ ApiId, StageName: 'v1' }, call);
  const { DeploymentId } = await handlers.CreateDeployment({ ApiId, StageName: 'v1' }, call);
  await handlers.CreateRoute({ ApiId, RouteKey: 'GET /b' }, call);
  expect(await served('$default')).toEqual(['GET /a', 'GET /b']);
  expect(await served('v1')).toEqual(['GET /a']);
  const stage = await handlers.GetStage({ ApiId, StageName: '$default' }, call);
  expect(stage.LastDeploymentStatusMessage).toBe(
    `Successfully deployed stage with deployment ID '${stage.DeploymentId}'`,
  );
  const { Items = [] } = await handlers.GetDeployments({ ApiId }, call);
  const automatic = Items.find((one) => one.DeploymentId === stage.DeploymentId);
  expect(automatic).toMatchObject({
    AutoDeployed: true,
    DeploymentStatus: 'DEPLOYED',
    Description: 'Automatic deployment triggered by changes to the Api configuration',
  });
  expect(Items.find((one) => one.DeploymentId === DeploymentId)).toMatchObject({ AutoDeployed: false });
});

test('without routes nothing is deployed, and what was deployed stays', async () => {
  const { handlers, ApiId, served } = await startApi();
  const empty = await handlers.CreateStage({ ApiId, StageName: '$default', AutoDeploy: true }, call);
  expect(empty).toMatchObject({
    LastDeploymentStatusMessage:
      'Deployment attempt failed: Unable to deploy API because no routes exist in this API',
  });
  expect(await served('$default')).toEqual([]);
  expect(await refusal(handlers.CreateDeployment({ ApiId }, call))).toBe(
    'BadRequestException: Unable to deploy API because no routes exist in this API',
  );
  const { RouteId = '' } = await handlers.CreateRoute({ ApiId, RouteKey: 'GET /a' }, call);
  await handlers.DeleteRoute({ ApiId, RouteId }, call);
  expect(await served('$default')).toEqual(['GET /a']);
});

test('automatic deployments that no stage uses are swept', async () => {
  const { handlers, ApiId } = await startApi();
  await handlers.CreateStage({ ApiId, StageName: '$default', AutoDeploy: true }, call);
  for (let i = 0; i < limits.httpApiAutoDeploymentsKept + 5; i++)
    await handlers.CreateRoute({ ApiId, RouteKey: `GET /${i}` }, call);
  const { Items = [] } = await handlers.GetDeployments({ ApiId }, call);
  expect(Items).toHaveLength(limits.httpApiAutoDeploymentsKept + 1);
});

test('a deployment in use stays; the stage can be moved to an older one', async () => {
  const { handlers, ApiId, served } = await startApi();
  await handlers.CreateRoute({ ApiId, RouteKey: 'GET /a' }, call);
  const { DeploymentId: first = '' } = await handlers.CreateDeployment({ ApiId }, call);
  await handlers.CreateRoute({ ApiId, RouteKey: 'GET /b' }, call);
  const { DeploymentId: second = '' } = await handlers.CreateDeployment({ ApiId }, call);
  await handlers.CreateStage({ ApiId, StageName: 'v1', DeploymentId: second }, call);
  expect(await refusal(handlers.DeleteDeployment({ ApiId, DeploymentId: second }, call))).toBe(
    'BadRequestException: Active stages pointing to this deployment must be moved or deleted',
  );
  await handlers.UpdateStage({ ApiId, StageName: 'v1', DeploymentId: first }, call);
  expect(await served('v1')).toEqual(['GET /a']);
  await handlers.DeleteDeployment({ ApiId, DeploymentId: second }, call);
});

test('a stage is shown as AWS shows it, and its settings can be taken away', async () => {
  const { handlers, ApiId } = await startApi();
  await handlers.CreateRoute({ ApiId, RouteKey: 'GET /a' }, call);
  const destination = {
    DestinationArn: 'arn:aws:logs:us-east-1:123456789012:log-group:/api',
    Format: '$context.status',
  };
  const where = { ApiId, StageName: 'v1' };
  await handlers.CreateStage(
    {
      ...where,
      AccessLogSettings: destination,
      RouteSettings: { 'GET /a': { ThrottlingRateLimit: 1 } },
      StageVariables: { a: '1', b: '2' },
    },
    call,
  );
  await handlers.UpdateStage({ ...where, StageVariables: { a: '', c: '3' } }, call);
  await handlers.DeleteRouteSettings({ ...where, RouteKey: 'GET /a' }, call);
  await handlers.UpdateStage({ ...where, AccessLogSettings: {} }, call);
  expect(await handlers.GetStage(where, call)).toEqual({
    StageName: 'v1',
    CreatedDate: expect.any(Date),
    LastUpdatedDate: expect.any(Date),
    DefaultRouteSettings: { DetailedMetricsEnabled: false },
    RouteSettings: {},
    StageVariables: { b: '2', c: '3' },
    Tags: {},
  });
});

const REFUSED = [
  {
    name: 'settings of a route that is not there',
    stage: { StageName: 'v1', RouteSettings: { 'GET /no': {} } },
    expected: 'NotFoundException: Unable to find Route by key GET /no within the provided RouteSettings',
  },
  {
    name: 'execution logs',
    stage: { StageName: 'v1', DefaultRouteSettings: { LoggingLevel: 'INFO' } },
    expected: 'BadRequestException: Execution logs are not supported on protocolType HTTP',
  },
  {
    name: 'a deployment and auto-deploy at once',
    stage: { StageName: 'v1', AutoDeploy: true, DeploymentId: 'abcdef' },
    expected: 'BadRequestException: Deployment ID cannot be set on stage because AutoDeploy is enabled',
  },
  {
    name: 'a name that is taken',
    stage: { StageName: 'taken' },
    expected: 'ConflictException: Stage already exists',
  },
] as const;

for (const { name, stage, expected } of REFUSED)
  test(`CreateStage refuses ${name}`, async () => {
    const { handlers, ApiId } = await startApi();
    await handlers.CreateStage({ ApiId, StageName: 'taken' }, call);
    expect(await refusal(handlers.CreateStage({ ApiId, ...stage }, call))).toBe(expected);
  });

test('tags of a stage go by its ARN, encoded or not', async () => {
  const { handlers, ApiId } = await startApi();
  await handlers.CreateStage({ ApiId, StageName: '$default' }, call);
  const arn = (stage: string) => `arn:aws:apigateway:us-east-1::/apis/${ApiId}/stages/${stage}`;
  await handlers.TagResource({ ResourceArn: arn('%24default'), Tags: { a: '1', b: '2' } }, call);
  await handlers.UntagResource({ ResourceArn: arn('$default'), TagKeys: ['a'] }, call);
  expect(await handlers.GetTags({ ResourceArn: arn('$default') }, call)).toEqual({ Tags: { b: '2' } });
});
