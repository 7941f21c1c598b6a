import { expect, test } from 'bun:test';
import { FakeStack, fakeWorld } from '../testing/fake-world.ts';

const prepare = (body: string) =>
  new FakeStack(fakeWorld()).prepare(`Transform: AWS::Serverless-2016-10-31\n${body}`);

const fn = (properties: string, more = '') => `Resources:
  F:
    Type: AWS::Serverless::Function
    ${more}
    Properties: { Runtime: nodejs22.x, Handler: i.h, CodeUri: s3://b/k, ${properties} }
`;
const event = (type: string, properties: string) =>
  fn(`Events: { E: { Type: ${type}, Properties: { ${properties} } } }`);

test.each([
  [
    'an unknown property',
    fn('Timeuot: 5'),
    'Resource with id [F] is invalid. property Timeuot not defined for resource of type AWS::Serverless::Function (template line 3)',
  ],
  [
    'no code',
    'Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: { Runtime: a, Handler: b }\n',
    "Only one of 'InlineCode' or 'CodeUri' can be set.",
  ],
  [
    'no handler',
    'Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Properties: { Runtime: a, InlineCode: b }\n',
    'Runtime and Handler needs to be present when PackageType is of type `Zip`',
  ],
  [
    'code that is nowhere',
    fn('').replace('s3://b/k', 'local/'),
    "'CodeUri' is not a valid S3 Uri of the form 's3://bucket/key' with optional versionId query parameter.",
  ],
  [
    'an image',
    fn('PackageType: Image'),
    'PackageType Image: not supported by gatehouse; nothing was created',
  ],
  [
    'a gradual deployment',
    fn('AutoPublishAlias: live, DeploymentPreference: { Type: Linear10PercentEvery1Minute }'),
    'DeploymentPreference (CodeDeploy): not supported by gatehouse',
  ],
  [
    'a bad alias',
    fn('AutoPublishAlias: "1"'),
    "AutoPublishAlias name ('1') must contain only alphanumeric characters",
  ],
  [
    'a queue of another kind',
    fn('DeadLetterQueue: { Type: Kafka, TargetArn: x }'),
    "'DeadLetterQueue' requires Type of ['SQS', 'SNS']",
  ],
  [
    'an unknown policy template',
    fn('Policies: [{ NopePolicy: {} }]'),
    "no policy template named 'NopePolicy'",
  ],
  [
    'a policy template without its values',
    fn('Policies: [{ DynamoDBReadPolicy: {} }]'),
    "Must specify valid parameter values for policy template 'DynamoDBReadPolicy'. Missing: TableName",
  ],
  [
    'an unknown event',
    event('Carrier', 'Pigeon: 1'),
    "Event with id [E] is invalid. Resource dict has unrecognized 'Type': Carrier",
  ],
  ['an event refused by name', event('MSK', 'Stream: x'), 'Event type MSK: not supported by gatehouse'],
  [
    'an event without its source',
    event('SQS', 'BatchSize: 1'),
    "Event with id [E] is invalid. Missing required property 'Queue'.",
  ],
  [
    'an unknown property of an event',
    event('SQS', 'Queue: a, Batch: 1'),
    'property Batch not defined for resource of type SQS',
  ],
  [
    'a bucket from elsewhere',
    event('S3', 'Bucket: mine, Events: x'),
    'S3 events must reference an S3 bucket in the same template.',
  ],
  [
    'an API from elsewhere',
    event('Api', 'Path: /a, Method: get, RestApiId: !Ref Nope'),
    "RestApiId must be a valid reference to an 'AWS::Serverless::Api' resource in same template.",
  ],
  [
    'a method twice',
    fn(
      'Events: { A: { Type: Api, Properties: { Path: /a, Method: get } }, B: { Type: Api, Properties: { Path: /a, Method: GET } } }',
    ),
    'API method "get" defined multiple times for path "/a".',
  ],
  [
    'an authorizer that nobody defined',
    event('Api', 'Path: /a, Method: get, Auth: { Authorizer: Me }'),
    'Unable to set Authorizer [Me] on API method [get] for path [/a] because the related API does not define any Authorizers.',
  ],
  [
    'a model that nobody defined',
    event('Api', 'Path: /a, Method: get, RequestModel: { Model: M }'),
    'because the related API does not define any Models.',
  ],
  [
    'an API without a stage',
    'Resources:\n  A:\n    Type: AWS::Serverless::Api\n',
    "Missing required property 'StageName'.",
  ],
  [
    'CORS with credentials for all',
    'Resources:\n  A:\n    Type: AWS::Serverless::Api\n    Properties: { StageName: s, Cors: { AllowCredentials: true } }\n',
    "'AllowCredentials' can not be true when 'AllowOrigin' is \"'*'\" or not set",
  ],
  [
    'globals of what has none',
    `Globals: { Nope: {} }\n${fn('')}`,
    "'Globals' section is invalid. 'Nope' is not supported.",
  ],
  [
    'globals that a function cannot have',
    `Globals: { Function: { Role: x } }\n${fn('')}`,
    "'Role' is not a supported property of 'Function'.",
  ],
  [
    'an application',
    'Resources:\n  A:\n    Type: AWS::Serverless::Application\n',
    'AWS::Serverless::Application (resource A): not supported by gatehouse; nothing was created (template line 3)',
  ],
  ['connectors', fn('', 'Connectors: {}'), 'Connectors: not supported by gatehouse'],
])('%s is refused', async (_name, body, expected) => {
  const failure = await prepare(body).then(
    () => 'nothing was wrong',
    (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
  );
  expect(failure).toContain(
    'Transform AWS::Serverless-2016-10-31 failed with: Invalid Serverless Application Specification document.',
  );
  expect(failure).toContain(expected);
});

test('every resource that is wrong is told at once', async () => {
  const body = `Resources:
  A: { Type: AWS::Serverless::Api }
  T: { Type: AWS::Serverless::SimpleTable, Properties: { Nope: 1 } }
`;
  expect(prepare(body)).rejects.toThrow(/Number of errors found: 2\. .*\[A\].*\[T\]/);
});

test('globals reach what is written and what is implicit; IgnoreGlobals keeps them away', async () => {
  const prepared = await prepare(`Globals:
  Function: { Timeout: 7, Runtime: nodejs22.x, Handler: i.h, CodeUri: s3://b/k, Environment: { Variables: { A: a } }, Layers: [one] }
Resources:
  F: { Type: AWS::Serverless::Function, Properties: { Timeout: 9, Environment: { Variables: { B: b } }, Layers: [two] } }
  G: { Type: AWS::Serverless::Function, IgnoreGlobals: [Layers, Environment] }
`);
  const { Resources } = JSON.parse(prepared.processed);
  expect(Resources.F.Properties).toMatchObject({
    Timeout: 9,
    Environment: { Variables: { A: 'a', B: 'b' } },
    Layers: ['one', 'two'],
  });
  expect(Resources.G.Properties).toMatchObject({ Timeout: 7 });
  expect(Resources.G.Properties.Environment).toBeUndefined();
  expect(Resources.G.Properties.Layers).toBeUndefined();
});
