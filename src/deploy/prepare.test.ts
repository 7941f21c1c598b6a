import { expect, test } from 'bun:test';
import { FakeStack, fakeWorld } from './testing/fake-world.ts';

const prepare = (template: string | object, world = fakeWorld()) => new FakeStack(world).prepare(template);

const topic = { Type: 'AWS::SNS::Topic' };

test.each<[string, object | string, string]>([
  [
    'an unknown section',
    { Resources: { A: topic }, Resource: {} },
    'Invalid template property or properties [Resource]',
  ],
  ['no resources', { Resources: {} }, 'At least one Resources member must be defined.'],
  [
    'another version',
    { AWSTemplateFormatVersion: '2020', Resources: { A: topic } },
    'unsupported value for AWSTemplateFormatVersion',
  ],
  [
    'a bad logical id',
    { Resources: { 'a-b': topic } },
    'Template format error: Resource name a-b is non alphanumeric.',
  ],
  ['no type', { Resources: { A: {} } }, '[/Resources/A] Every Resources object must contain a Type member.'],
  [
    'an unknown attribute',
    { Resources: { A: { ...topic, Propertys: {} } } },
    "Invalid template resource property 'Propertys'",
  ],
  [
    'too many',
    { Resources: Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`R${i}`, topic])) },
    'Number of resources, 501, is greater than maximum allowed, 500',
  ],
  [
    'an unknown property',
    'Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties:\n      Naem: x\n',
    'Properties validation failed for resource A with message:\n#: extraneous key [Naem] is not permitted (template line 5)',
  ],
  [
    'a missing property',
    'Resources:\n  A:\n    Type: AWS::SSM::Parameter\n    Properties:\n      Type: String\n',
    '#: required key [Value] not found (template line 4)',
  ],
  [
    'a wrong type',
    'Resources:\n  A:\n    Type: AWS::SQS::Queue\n    Properties:\n      DelaySeconds: soon\n',
    '#/DelaySeconds: expected type: Integer, found: String (template line 5)',
  ],
  [
    'a list wanted',
    {
      Resources: {
        A: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {}, ManagedPolicyArns: 'arn' } },
      },
    },
    '#/ManagedPolicyArns: expected type: JSONArray, found: String',
  ],
  [
    'deep inside',
    {
      Resources: {
        A: {
          Type: 'AWS::Lambda::Function',
          Properties: { Code: { ZipFile: 'x' }, Role: 'r', Environment: { Variable: {} } },
        },
      },
    },
    '#/Environment: extraneous key [Variable] is not permitted',
  ],
  [
    'a bad tag',
    { Resources: { A: { Type: 'AWS::SNS::Topic', Properties: { Tags: [{ Key: 'k' }] } } } },
    '#/Tags/0: required key [Value] not found',
  ],
  [
    'an unsupported type',
    'Resources:\n  Web:\n    Type: AWS::ECS::Service\n',
    'AWS::ECS::Service (resource Web): not supported by gatehouse; nothing was created (template line 2)',
  ],
  [
    'a creation policy',
    { Resources: { A: { ...topic, CreationPolicy: {} } } },
    'AWS::SNS::Topic (resource A): CreationPolicy: not supported by gatehouse',
  ],
  [
    'a snapshot',
    { Resources: { A: { ...topic, DeletionPolicy: 'Snapshot' } } },
    'AWS::SNS::Topic (resource A): DeletionPolicy Snapshot: not supported by gatehouse',
  ],
  [
    'an unknown policy',
    { Resources: { A: { ...topic, DeletionPolicy: 'Keep' } } },
    'Unrecognized DeletionPolicy "Keep" for the resource A',
  ],
  [
    'a reference to nothing',
    { Resources: { A: { ...topic, Properties: { TopicName: { Ref: 'B' } } } } },
    'Unresolved resource dependencies [B] in the Resources block of the template',
  ],
  [
    'a reference to nothing in an output',
    { Resources: { A: topic }, Outputs: { O: { Value: { Ref: 'B' } } } },
    'Unresolved resource dependencies [B] in the Outputs block of the template',
  ],
  [
    'a dependency on nothing',
    { Resources: { A: { ...topic, DependsOn: 'B' } } },
    'Unresolved resource dependencies [B]',
  ],
  [
    'an attribute that is none',
    { Resources: { A: topic }, Outputs: { O: { Value: { 'Fn::GetAtt': ['A', 'Nope'] } } } },
    'resource A does not support attribute type Nope in Fn::GetAtt',
  ],
  ['an output without a value', { Resources: { A: topic }, Outputs: { O: {} } }, 'Output O is malformed'],
  [
    'an unknown condition',
    { Resources: { A: { ...topic, Condition: 'C' } } },
    'Unresolved condition dependency C in the Resources block of the template',
  ],
  ['a macro', { Transform: 'MyMacro', Resources: { A: topic } }, 'No transform named MyMacro found.'],
  [
    'a macro inside',
    { Resources: { A: { ...topic, Properties: { 'Fn::Transform': { Name: 'Mine' } } } } },
    'No transform named Mine found.',
  ],
  [
    "another transform of AWS's",
    { Transform: 'AWS::SecretsManager-2024-09-16', Resources: { A: topic } },
    'Transform AWS::SecretsManager-2024-09-16: not supported by gatehouse',
  ],
  [
    'a rule that fails',
    {
      Rules: {
        R: { Assertions: [{ Assert: { 'Fn::Contains': [['a'], 'b'] }, AssertDescription: 'b wanted' }] },
      },
      Resources: { A: topic },
    },
    'Template error: Rule R failed: b wanted',
  ],
  [
    'a custom resource without a token',
    { Resources: { A: { Type: 'Custom::A' } } },
    '#: required key [ServiceToken] not found',
  ],
])('%s is refused before anything is made', async (_name, template, expected) => {
  const world = fakeWorld();
  expect(prepare(template, world)).rejects.toThrow(expected);
  expect(world.calls).toEqual([]);
});

test.each<[Record<string, readonly string[]>, string | undefined]>([
  [{ A: ['B'], B: ['A'] }, 'Circular dependency between resources: [A, B]'],
  [{ A: ['A'] }, 'Circular dependency between resources: [A]'],
  [{ A: ['B'], B: ['C'], C: ['A'], D: ['A'], E: [] }, 'Circular dependency between resources: [A, B, C]'],
  [{ A: ['B', 'C'], B: ['C'], C: [] }, undefined],
])('dependencies %j', async (needs, expected) => {
  const Resources = Object.fromEntries(
    Object.entries(needs).map(([id, DependsOn]) => [id, { ...topic, DependsOn }]),
  );
  const prepared = prepare({ Resources });
  if (expected === undefined) await prepared;
  else expect(prepared).rejects.toThrow(expected);
});

test('every finding is reported at once', async () => {
  const template =
    'Resources:\n  A:\n    Type: AWS::Nope::A\n  B:\n    Type: AWS::SNS::Topic\n    Properties: { X: 1 }\n';
  expect(prepare(template)).rejects.toThrow(
    'AWS::Nope::A (resource A): not supported by gatehouse; nothing was created (template line 2)\nProperties validation failed for resource B with message:\n#: extraneous key [X] is not permitted (template line 6)',
  );
});

test('loops of AWS::LanguageExtensions are unrolled', async () => {
  const prepared = await prepare(`
Transform: AWS::LanguageExtensions
Parameters:
  Names: { Type: CommaDelimitedList, Default: 'red,dark-blue' }
Resources:
  Fn::ForEach::Topics:
    - Name
    - !Ref Names
    - Topic&{Name}:
        Type: AWS::SNS::Topic
        Properties: { DisplayName: !Ref Name, TopicName: !Sub 't-\${Name}' }
Outputs:
  Fn::ForEach::Outs:
    - Name
    - [a, b]
    - Out\${Name}: { Value: !Length { Ref: Names } }
`);
  const processed = JSON.parse(prepared.processed);
  expect(processed.Resources).toEqual({
    Topicred: {
      Type: 'AWS::SNS::Topic',
      Properties: { DisplayName: 'red', TopicName: { 'Fn::Sub': 't-red' } },
    },
    Topicdarkblue: {
      Type: 'AWS::SNS::Topic',
      Properties: { DisplayName: 'dark-blue', TopicName: { 'Fn::Sub': 't-dark-blue' } },
    },
  });
  expect(Object.keys(processed.Outputs)).toEqual(['Outa', 'Outb']);
});

test('a loop that would not end in memory is stopped', async () => {
  const many = Array.from({ length: 2000 }, (_, index) => `n${index}`);
  const inner = {
    'Fn::ForEach::B': [
      'B',
      many,
      { 'R&{A}&{B}': { Type: 'AWS::SNS::Topic', Properties: { DisplayName: 'x'.repeat(100) } } },
    ],
  };
  const template = {
    Transform: 'AWS::LanguageExtensions',
    Resources: { 'Fn::ForEach::A': ['A', many, inner] },
  };
  expect(prepare(template)).rejects.toThrow('the template becomes too large');
});

test('snippets of AWS::Include are fetched and merged', async () => {
  const world = fakeWorld();
  world.answers.set('s3.GetObject', () => ({
    Body: Buffer.from('Type: AWS::SNS::Topic\nProperties:\n  DisplayName: included\n'),
  }));
  const include = { 'Fn::Transform': { Name: 'AWS::Include', Parameters: { Location: 's3://b/k.yaml' } } };
  const prepared = await prepare({ Resources: { A: include } }, world).catch((thrown: unknown) =>
    String(thrown),
  );
  // A resource must say its type itself; inside of one anything may be included.
  expect(String(prepared)).toContain('Every Resources object must contain a Type member');
  world.answers.set('s3.GetObject', () => ({ Body: Buffer.from('DisplayName: included\n') }));
  const inside = await prepare(
    { Resources: { A: { ...topic, Properties: { ...include, TopicName: 't' } } } },
    world,
  );
  expect(JSON.parse(inside.processed).Resources.A.Properties).toEqual({
    DisplayName: 'included',
    TopicName: 't',
  });
});

test('values reach resources as their schema says, secrets are fetched and never stored', async () => {
  const world = fakeWorld();
  world.answers.set('secretsmanager.GetSecretValue', () => ({ SecretString: '{"user":"u"}' }));
  world.answers.set('ssm.GetParameter', (input) => ({
    Parameter: { Value: `v ${(input as { Name: string }).Name}`, Type: 'String' },
  }));
  const stack = new FakeStack(world);
  await stack.deploy({
    Resources: {
      Fn: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          Code: { ZipFile: 'x' },
          Role: 'r',
          Timeout: '30',
          Description: 5,
          Environment: {
            Variables: { A: 1, B: true, S: '{{resolve:secretsmanager:db:SecretString:user}}!' },
          },
          Tags: [{ Key: 'k', Value: '{{resolve:ssm:/name:2}}' }],
        },
      },
    },
  });
  expect([...world.things.values()][0]?.properties).toEqual({
    Code: { ZipFile: 'x' },
    Role: 'r',
    Timeout: 30,
    Description: '5',
    Environment: { Variables: { A: '1', B: 'true', S: 'u!' } },
    Tags: [{ Key: 'k', Value: 'v /name:2' }],
  });
  expect(JSON.stringify([...stack.resources.values()])).toContain(
    '{{resolve:secretsmanager:db:SecretString:user}}!',
  );
});
