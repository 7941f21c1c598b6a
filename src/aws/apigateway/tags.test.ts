import { expect, test } from 'bun:test';
import { CALL, mockApi, openControlPlane, refusal } from './testing/control-plane.ts';

test('everything that has an ARN is tagged, shown and untagged', async () => {
  const plane = openControlPlane();
  const { run } = plane;
  const { restApiId } = await mockApi(plane);
  await run.CreateDeployment({ restApiId, stageName: 'dev' }, CALL);
  const certificateArn = 'arn:aws:acm:us-east-1:123456789012:certificate/1';
  const key = await run.CreateApiKey({ name: 'k' }, CALL);
  const plan = await run.CreateUsagePlan({ name: 'p' }, CALL);
  const domain = await run.CreateDomainName({ domainName: 'a.example.com', certificateArn }, CALL);
  const paths = [
    `/restapis/${restApiId}`,
    `/restapis/${restApiId}/stages/dev`,
    `/apikeys/${key.id}`,
    `/usageplans/${plan.id}`,
    `/domainnames/${domain.domainName}`,
  ];
  for (const path of paths) {
    const resourceArn = `arn:aws:apigateway:eu-west-1::${path}`;
    await run.TagResource({ resourceArn, tags: { a: '1', b: '2' } }, CALL);
    await run.UntagResource({ resourceArn, tagKeys: ['a'] }, CALL);
    expect((await run.GetTags({ resourceArn }, CALL)).tags).toEqual({ b: '2' });
  }
  expect((await run.GetRestApi({ restApiId }, CALL)).tags).toEqual({ b: '2' });
});

test('ARNs of nothing', async () => {
  const { run } = openControlPlane();
  const get = (resourceArn: string) => refusal(run.GetTags({ resourceArn }, CALL));
  expect(await get('nonsense')).toBe('BadRequestException: Invalid ARN specified in the request');
  expect(await get('arn:aws:apigateway:eu-west-1::/restapis/x')).toStartWith('NotFoundException');
});
