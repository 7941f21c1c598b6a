/**
 * Least privilege that works: the permissions that AWS's guide gives to whoever deploys a SAM application deploy one
 * and take it away again where IAM is enforced, and each of its statements is needed: without it the deployment is
 * refused, by name. https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-permissions-cloudformation.html
 */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import {
  CloudFormationClient,
  CreateChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
} from '@aws-sdk/client-cloudformation';
import {
  CreateAccessKeyCommand,
  CreateUserCommand,
  IAMClient,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { silentLog } from '../../src/base/log.ts';
import { type RunningServer, startServer } from '../../src/server/start.ts';

const ROOT = { accessKeyId: 'AKIAFIRSTADMINISTRATOR', secretAccessKey: 'a-secret-of-my-own-making' };
let server: RunningServer;
beforeAll(async () => {
  server = await startServer({
    host: '127.0.0.1',
    port: 0,
    data: null,
    auth: 'enforce',
    environment: {
      GATEHOUSE_ROOT_ACCESS_KEY_ID: ROOT.accessKeyId,
      GATEHOUSE_ROOT_SECRET_ACCESS_KEY: ROOT.secretAccessKey,
    },
    log: silentLog,
  });
});
afterAll(() => server.close());

const STATEMENTS: readonly object[] = [
  {
    Sid: 'CloudFormationTemplate',
    Effect: 'Allow',
    Action: ['cloudformation:CreateChangeSet'],
    Resource: ['arn:aws:cloudformation:*:aws:transform/Serverless-2016-10-31'],
  },
  {
    Sid: 'CloudFormationStack',
    Effect: 'Allow',
    Action: [
      'cloudformation:CreateChangeSet',
      'cloudformation:CreateStack',
      'cloudformation:DeleteStack',
      'cloudformation:DescribeChangeSet',
      'cloudformation:DescribeStackEvents',
      'cloudformation:DescribeStacks',
      'cloudformation:ExecuteChangeSet',
      'cloudformation:GetTemplateSummary',
      'cloudformation:ListStackResources',
      'cloudformation:UpdateStack',
    ],
    Resource: ['arn:aws:cloudformation:*:123456789012:stack/*'],
  },
  {
    Sid: 'Lambda',
    Effect: 'Allow',
    Action: [
      'lambda:AddPermission',
      'lambda:CreateFunction',
      'lambda:DeleteFunction',
      'lambda:GetFunction',
      'lambda:GetFunctionConfiguration',
      'lambda:ListTags',
      'lambda:RemovePermission',
      'lambda:TagResource',
      'lambda:UntagResource',
      'lambda:UpdateFunctionCode',
      'lambda:UpdateFunctionConfiguration',
    ],
    Resource: ['arn:aws:lambda:*:123456789012:function:*'],
  },
  {
    Sid: 'IAM',
    Effect: 'Allow',
    Action: [
      'iam:CreateRole',
      'iam:AttachRolePolicy',
      'iam:DeleteRole',
      'iam:DetachRolePolicy',
      'iam:GetRole',
      'iam:TagRole',
    ],
    Resource: ['arn:aws:iam::123456789012:role/*'],
  },
  {
    Sid: 'IAMPassRole',
    Effect: 'Allow',
    Action: 'iam:PassRole',
    Resource: '*',
    Condition: { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
  },
  {
    Sid: 'APIGateway',
    Effect: 'Allow',
    Action: ['apigateway:DELETE', 'apigateway:GET', 'apigateway:PATCH', 'apigateway:POST', 'apigateway:PUT'],
    Resource: ['arn:aws:apigateway:*::*'],
  },
];

const TEMPLATE = `
AWSTemplateFormatVersion: 2010-09-09
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      InlineCode: "exports.handler = async () => ({ statusCode: 200, body: 'ok' });"
      Events:
        Get:
          Type: Api
          Properties: { Path: /orders, Method: get }
Outputs:
  Api: { Value: !Ref ServerlessRestApi }
`;

let deployers = 0;
async function deployer(statements: readonly object[]): Promise<CloudFormationClient> {
  const options = { endpoint: server.url, region: 'us-east-1', maxAttempts: 1 };
  const iam = new IAMClient({ ...options, credentials: ROOT });
  const UserName = `deployer-${++deployers}`;
  await iam.send(new CreateUserCommand({ UserName }));
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  // Larger than a user's inline policies together may be on AWS, where it is attached as a managed one: two halves here.
  const half = Math.ceil(statements.length / 2);
  const halves = [statements.slice(0, half), statements.slice(half)];
  for (const [index, Statement] of halves.entries())
    await iam.send(
      new PutUserPolicyCommand({
        UserName,
        PolicyName: `deploy-${index}`,
        PolicyDocument: JSON.stringify({ ...JSON.parse(PolicyDocument), Statement }),
      }),
    );
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
  return new CloudFormationClient({
    ...options,
    credentials: {
      accessKeyId: AccessKey?.AccessKeyId ?? '',
      secretAccessKey: AccessKey?.SecretAccessKey ?? '',
    },
  });
}

async function settled(client: CloudFormationClient, StackName: string): Promise<string> {
  for (;;) {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
    const status = Stacks?.[0]?.StackStatus ?? '';
    if (!status.endsWith('_IN_PROGRESS')) return status;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** As `sam deploy` does it. Returns the stack's last status and everything that was said on the way. */
async function deploy(
  client: CloudFormationClient,
  StackName: string,
): Promise<{ status: string; reasons: string }> {
  const ChangeSetName = 'deploy';
  try {
    await client.send(
      new CreateChangeSetCommand({
        StackName,
        ChangeSetName,
        ChangeSetType: 'CREATE',
        TemplateBody: TEMPLATE,
        Capabilities: ['CAPABILITY_IAM'],
      }),
    );
    for (;;) {
      const set = await client.send(new DescribeChangeSetCommand({ StackName, ChangeSetName }));
      if (set.Status === 'FAILED') return { status: 'FAILED', reasons: set.StatusReason ?? '' };
      if (set.Status === 'CREATE_COMPLETE') break;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await client.send(new ExecuteChangeSetCommand({ StackName, ChangeSetName }));
    const status = await settled(client, StackName);
    const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName }));
    return { status, reasons: StackEvents.map((event) => event.ResourceStatusReason ?? '').join('\n') };
  } catch (thrown) {
    return { status: 'REFUSED', reasons: String(thrown) };
  }
}

test('the permissions of the guide deploy a SAM application, and take it away', async () => {
  const client = await deployer(STATEMENTS);
  const { status, reasons } = await deploy(client, 'whole');
  expect({ status, reasons }).toEqual({
    status: 'CREATE_COMPLETE',
    reasons: expect.any(String) as unknown as string,
  });
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: 'whole' }));
  const api = Stacks?.[0]?.Outputs?.[0]?.OutputValue ?? '';
  const answer = await fetch(`${server.url}/_aws/execute-api/${api}/Prod/orders`);
  expect([answer.status, await answer.text()]).toEqual([200, 'ok']);
  const id = Stacks?.[0]?.StackId ?? '';
  await client.send(new DeleteStackCommand({ StackName: 'whole' }));
  expect(await settled(client, id)).toBe('DELETE_COMPLETE');
});

const WITHOUT: readonly [sid: string, status: string, action: string][] = [
  [
    'CloudFormationTemplate',
    'REFUSED',
    'cloudformation:CreateChangeSet on resource: arn:aws:cloudformation:us-east-1:aws:transform/Serverless-2016-10-31',
  ],
  [
    'CloudFormationStack',
    'REFUSED',
    'cloudformation:CreateChangeSet on resource: arn:aws:cloudformation:us-east-1:123456789012:stack/without-CloudFormationStack/*',
  ],
  [
    'Lambda',
    'ROLLBACK_COMPLETE',
    'lambda:CreateFunction on resource: arn:aws:lambda:us-east-1:123456789012:function:without-Lambda-Orders-',
  ],
  [
    'IAM',
    'ROLLBACK_COMPLETE',
    'iam:CreateRole on resource: arn:aws:iam::123456789012:role/without-IAM-OrdersRole-',
  ],
  [
    'IAMPassRole',
    'ROLLBACK_COMPLETE',
    'iam:PassRole on resource: arn:aws:iam::123456789012:role/without-IAMPassRole-OrdersRole-',
  ],
  ['APIGateway', 'ROLLBACK_COMPLETE', 'apigateway:POST on resource: arn:aws:apigateway:us-east-1::/restapis'],
];
for (const [sid, status, action] of WITHOUT)
  test(`without ${sid} the deployment is refused by name`, async () => {
    const client = await deployer(
      STATEMENTS.filter((statement) => !('Sid' in statement && statement.Sid === sid)),
    );
    const ended = await deploy(client, `without-${sid}`);
    expect(ended.reasons).toContain(`is not authorized to perform: ${action}`);
    expect(ended.status).toBe(status);
  });
