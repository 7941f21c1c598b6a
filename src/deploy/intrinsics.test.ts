import { expect, test } from 'bun:test';
import { createEnvironment } from './environment.ts';
import { evaluate } from './intrinsics.ts';
import type { Json, Template } from './template.ts';
import { stackIdentity } from './testing/fake-world.ts';

const template: Template = {
  Transform: 'AWS::LanguageExtensions',
  Mappings: { M: { 'us-east-1': { ami: 'ami-1', list: ['a', 'b'] } } },
  Conditions: {
    Yes: { 'Fn::Equals': ['1', 1] },
    No: { 'Fn::Not': [{ Condition: 'Yes' }] },
    Both: { 'Fn::And': [{ Condition: 'Yes' }, { Condition: 'No' }] },
    Either: { 'Fn::Or': [{ Condition: 'Yes' }, { Condition: 'No' }] },
  },
  Resources: {
    Made: { Type: 'AWS::SNS::Topic' },
    Later: { Type: 'AWS::SNS::Topic' },
    Off: { Type: 'AWS::SNS::Topic', Condition: 'No' },
  },
};

const environment = createEnvironment({
  template,
  stack: stackIdentity,
  parameters: [
    { key: 'Name', value: 'shop', type: 'String', noEcho: false },
    { key: 'Count', value: '3', type: 'Number', noEcho: false },
    { key: 'Zones', value: 'a, b,c', type: 'CommaDelimitedList', noEcho: false },
    {
      key: 'Image',
      value: '/img',
      resolved: 'ami-9',
      type: 'AWS::SSM::Parameter::Value<String>',
      noEcho: false,
    },
  ],
  exports: [{ name: 'vpc', value: 'vpc-1', stackId: 's', importedBy: [] }],
  resource: (id) =>
    id === 'Made'
      ? { physicalId: 'p-1', ref: 'r-1', attributes: { Arn: 'arn:1', 'A.B': 'nested' } }
      : undefined,
});

test.each<[Json, Json]>([
  [{ Ref: 'Name' }, 'shop'],
  [{ Ref: 'Zones' }, ['a', 'b', 'c']],
  [{ Ref: 'Image' }, 'ami-9'],
  [{ Ref: 'AWS::Region' }, 'us-east-1'],
  [{ Ref: 'AWS::Partition' }, 'aws'],
  [{ Ref: 'AWS::URLSuffix' }, 'amazonaws.com'],
  [{ Ref: 'AWS::StackName' }, 'shop'],
  [{ Ref: 'AWS::NotificationARNs' }, []],
  [{ Ref: 'Made' }, 'r-1'],
  [{ 'Fn::GetAtt': ['Made', 'Arn'] }, 'arn:1'],
  [{ 'Fn::GetAtt': 'Made.A.B' }, 'nested'],
  [
    { 'Fn::Sub': '${Name}-${Made}-${Made.Arn}-${!Literal}-${AWS::Region}' },
    'shop-r-1-arn:1-${Literal}-us-east-1',
  ],
  [{ 'Fn::Sub': ['${a}${Count}', { a: { 'Fn::Join': ['', ['x', 'y']] } }] }, 'xy3'],
  [{ 'Fn::Join': ['-', { Ref: 'Zones' }] }, 'a-b-c'],
  [{ 'Fn::Join': ['', ['a', 1, true, { Ref: 'AWS::NoValue' }]] }, 'a1true'],
  [{ 'Fn::Select': ['1', { Ref: 'Zones' }] }, 'b'],
  [{ 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }, 'us-east-1a'],
  [{ 'Fn::Split': ['|', 'a|b'] }, ['a', 'b']],
  [{ 'Fn::If': ['Yes', 'y', { 'Fn::GetAtt': ['Off', 'Arn'] }] }, 'y'],
  [{ 'Fn::If': ['Both', 'y', 'n'] }, 'n'],
  [{ 'Fn::If': ['Either', 'y', 'n'] }, 'y'],
  [{ a: { 'Fn::If': ['No', 'y', { Ref: 'AWS::NoValue' }] }, b: 1 }, { b: 1 }],
  [
    [1, { Ref: 'AWS::NoValue' }, 2],
    [1, 2],
  ],
  [{ 'Fn::Base64': 'häh' }, 'aMOkaA=='],
  [{ 'Fn::FindInMap': ['M', { Ref: 'AWS::Region' }, 'ami'] }, 'ami-1'],
  [{ 'Fn::FindInMap': ['M', 'x', 'y', { DefaultValue: 'd' }] }, 'd'],
  [{ 'Fn::ImportValue': 'vpc' }, 'vpc-1'],
  [{ 'Fn::Cidr': ['10.0.0.0/16', 3, 8] }, ['10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24']],
  [{ 'Fn::Cidr': ['2001:db8::/56', '2', '64'] }, ['2001:db8::/64', '2001:db8:0:1::/64']],
  [{ 'Fn::Length': { Ref: 'Zones' } }, 3],
  [{ 'Fn::ToJsonString': { a: { Ref: 'Name' } } }, '{"a":"shop"}'],
  // What is not made yet stays as it is written, with everything around it worked out.
  [{ Ref: 'Later' }, { Ref: 'Later' }],
  [
    { 'Fn::Join': ['-', [{ Ref: 'Name' }, { Ref: 'Later' }]] },
    { 'Fn::Join': ['-', ['shop', { Ref: 'Later' }]] },
  ],
  [{ 'Fn::Sub': '${Name}-${Later.Arn}-${!x}' }, { 'Fn::Sub': 'shop-${Later.Arn}-${!x}' }],
  [
    { 'Fn::Sub': ['${a}-${b}', { a: 'x', b: { Ref: 'Later' } }] },
    { 'Fn::Sub': ['x-${b}', { b: { Ref: 'Later' } }] },
  ],
  [{ 'Fn::Select': [0, [{ Ref: 'Name' }, { Ref: 'Later' }]] }, 'shop'],
  [{ 'Fn::Split': [',', { Ref: 'Later' }] }, { 'Fn::Split': [',', { Ref: 'Later' }] }],
])('%j is %j', (value, expected) => {
  expect(evaluate(value, environment)).toEqual(expected);
});

test.each<[Json, string]>([
  [
    { Ref: 'Nope' },
    'Template format error: Unresolved resource dependencies [Nope] in the Resources block of the template',
  ],
  [{ Ref: 'Off' }, 'Unresolved resource dependencies [Off]'],
  [
    { 'Fn::GetAtt': ['Nope', 'Arn'] },
    'Template error: instance of Fn::GetAtt references undefined resource Nope',
  ],
  [{ 'Fn::GetAtt': ['Made'] }, 'Template error: every Fn::GetAtt object requires two non-empty parameters'],
  [
    { 'Fn::GetAtt': ['Made', 'Nope'] },
    'Template error: resource Made does not support attribute type Nope in Fn::GetAtt',
  ],
  [{ 'Fn::Join': ['-'] }, 'Template error: every Fn::Join object requires two parameters'],
  [{ 'Fn::Join': ['-', [{ a: 1 }]] }, 'Template error: every Fn::Join object requires two parameters'],
  [{ 'Fn::Select': [7, ['a']] }, 'Template error: Fn::Select cannot select nonexistent value at index 7'],
  [{ 'Fn::Split': [1, 'a'] }, 'Template error: every Fn::Split object requires two parameters'],
  [
    { 'Fn::Sub': 5 },
    "Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments",
  ],
  [
    { 'Fn::Sub': '${Zones}' },
    'Template error: variable Zones in Fn::Sub expression does not resolve to a string',
  ],
  [{ 'Fn::If': ['Yes', 1] }, 'Template error: Fn::If requires a list argument with three elements'],
  [{ 'Fn::If': ['Nope', 1, 2] }, 'Unresolved condition dependency Nope'],
  [{ 'Fn::FindInMap': ['M', 'x', 'y'] }, 'Template error: Unable to get mapping for M::x::y'],
  [{ 'Fn::ImportValue': 'nope' }, 'No export named nope found.'],
  [{ 'Fn::ImportValue': { Ref: 'Later' } }, 'must not depend on any resources'],
  [{ 'Fn::Base64': ['a'] }, 'Template error: every Fn::Base64 object must have a String-typed value.'],
  [{ 'Fn::Cidr': ['10.0.0.0/24', 3, 8] }, 'Fn::Cidr cannot make 3 blocks'],
  [{ 'Fn::Cidr': ['x', 3, 8] }, 'x is not a valid CIDR block'],
  [{ 'Fn::Cidr': ['10.0.0.0/8', 257, 8] }, 'count must be between 1 and 256'],
  [{ 'Fn::Nope': 1 }, 'Template error: Encountered unsupported function: Fn::Nope Supported functions are:'],
])('%j is refused', (value, expected) => {
  expect(() => evaluate(value, environment)).toThrow(expected);
});

test.each<Json>([
  { 'Fn::Length': [1] },
  { 'Fn::ToJsonString': {} },
  { 'Fn::FindInMap': ['a', 'b', 'c', { DefaultValue: 1 }] },
])('%j needs AWS::LanguageExtensions', (value) => {
  expect(() => evaluate(value, { ...environment, extended: false })).toThrow('Template error: ');
});

test('conditions that go in circles are refused', () => {
  const circular: Template = {
    Resources: {},
    Conditions: { A: { 'Fn::Not': [{ Condition: 'B' }] }, B: { 'Fn::Not': [{ Condition: 'A' }] } },
  };
  expect(() =>
    createEnvironment({ template: circular, stack: stackIdentity, parameters: [], exports: [] }),
  ).toThrow('Template error: Found circular condition dependency between A and B');
});
