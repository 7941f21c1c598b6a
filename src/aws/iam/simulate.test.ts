import { expect, test } from 'bun:test';
import { allow, policy, refusal, rootCall as call, startTestIam, trustingLambda } from './testing/iam.ts';

const ROLE = 'arn:aws:iam::123456789012:role/orders';
const TABLE = 'arn:aws:dynamodb:us-east-1:123456789012:table/orders';

const CASES = [
  { name: 'what a policy allows', action: 'dynamodb:GetItem', resource: TABLE, expected: 'allowed' },
  { name: 'another table', action: 'dynamodb:GetItem', resource: `${TABLE}2`, expected: 'implicitDeny' },
  { name: 'what is denied', action: 'dynamodb:DeleteTable', resource: TABLE, expected: 'explicitDeny' },
  { name: 'what the boundary leaves out', action: 's3:GetObject', resource: '*', expected: 'implicitDeny' },
] as const;

for (const { name, action, resource, expected } of CASES)
  test(`a simulation: ${name} is ${expected}`, async () => {
    const { handlers } = startTestIam();
    const { Policy } = await handlers.CreatePolicy(
      { PolicyName: 'b', PolicyDocument: policy(allow('dynamodb:*')) },
      call,
    );
    const role = { RoleName: 'orders', AssumeRolePolicyDocument: trustingLambda };
    await handlers.CreateRole({ ...role, PermissionsBoundary: Policy?.Arn }, call);
    const deny = { Effect: 'Deny', Action: 'dynamodb:DeleteTable', Resource: '*' };
    const PolicyDocument = policy(allow(['dynamodb:*'], TABLE), allow('s3:*'), deny);
    await handlers.PutRolePolicy({ RoleName: 'orders', PolicyName: 'p', PolicyDocument }, call);
    const input = { PolicySourceArn: ROLE, ActionNames: [action], ResourceArns: [resource] };
    const { EvaluationResults } = await handlers.SimulatePrincipalPolicy(input, call);
    expect(EvaluationResults).toMatchObject([
      { EvalActionName: action, EvalResourceName: resource, EvalDecision: expected },
    ]);
  });

test('a policy that is none is refused', async () => {
  const { handlers } = startTestIam();
  const input = { PolicyInputList: ['{}'], ActionNames: ['s3:GetObject'] };
  expect(await refusal(handlers.SimulateCustomPolicy(input))).toBe(
    'InvalidInputException: Syntax errors in policy.',
  );
});

test('the keys that policies ask for', async () => {
  const { handlers } = startTestIam();
  const condition = { Condition: { StringEquals: { 'aws:PrincipalTag/team': 'x' } } };
  const document = policy({ ...allow('s3:*', 'arn:aws:s3:::b/${aws:username}/*'), ...condition });
  expect(await handlers.GetContextKeysForCustomPolicy({ PolicyInputList: [document] })).toEqual({
    ContextKeyNames: ['aws:PrincipalTag/team', 'aws:username'],
  });
});
