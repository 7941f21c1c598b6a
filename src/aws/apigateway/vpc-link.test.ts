import { expect, test } from 'bun:test';
import { CALL, openControlPlane, refusal } from './testing/control-plane.ts';

const target = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/net/x/1';

test('pending when made, available when read', async () => {
  const { run } = openControlPlane();
  const made = await run.CreateVpcLink({ name: 'link', targetArns: [target] }, CALL);
  const shown = { id: made.id, name: 'link', targetArns: [target] };
  expect(made).toEqual({ ...shown, status: 'PENDING' });
  const ready = { ...shown, status: 'AVAILABLE', statusMessage: 'Your vpc link is ready for use' } as const;
  expect(await run.GetVpcLink({ vpcLinkId: made.id }, CALL)).toEqual({ ...ready, tags: {} });
  expect((await run.GetVpcLinks({}, CALL)).items).toEqual([ready]);
});

test('refusals in AWS words', async () => {
  const { run } = openControlPlane();
  const refused: [Promise<unknown>, string][] = [
    [
      run.CreateVpcLink({ name: 'x', targetArns: ['invalid-arn'] }, CALL),
      'BadRequestException: Invalid ARN. ARN is not well formed invalid-arn',
    ],
    [
      run.CreateVpcLink({ name: '', targetArns: [target] }, CALL),
      'BadRequestException: Name cannot be empty',
    ],
    [run.GetVpcLink({ vpcLinkId: 'x' }, CALL), 'NotFoundException: Invalid Vpc Link identifier specified'],
    [run.DeleteVpcLink({ vpcLinkId: 'x' }, CALL), 'NotFoundException: Invalid Vpc Link identifier specified'],
  ];
  for (const [work, expected] of refused) expect(await refusal(work)).toBe(expected);
});
