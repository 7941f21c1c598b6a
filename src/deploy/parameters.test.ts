import { expect, test } from 'bun:test';
import { parameterValue, settleParameters } from './parameters.ts';
import type { JsonObject } from './template.ts';

const settle = (declaration: JsonObject, value?: string) =>
  settleParameters({
    locate: () => undefined,
    template: { Resources: {}, Parameters: { P: declaration } },
    given: value === undefined ? [] : [{ key: 'P', value }],
    previous: [{ key: 'P', value: 'before', type: 'String', noEcho: false }],
    fetchSsm: async (names) =>
      Object.fromEntries(
        names
          .filter((name) => name !== '/none')
          .map((name) => [
            name,
            { value: `of ${name}`, type: name === '/secret' ? 'SecureString' : 'String' },
          ]),
      ),
  });

test.each<[JsonObject, string | undefined, string | string[]]>([
  [{ Type: 'String', Default: 'd' }, undefined, 'd'],
  [{ Type: 'String', Default: 5 }, undefined, '5'],
  [{ Type: 'String' }, '', ''],
  [{ Type: 'Number' }, '1.5', '1.5'],
  [{ Type: 'List<Number>' }, '1, 2', ['1', '2']],
  [{ Type: 'CommaDelimitedList' }, 'a, b', ['a', 'b']],
  [{ Type: 'CommaDelimitedList' }, '', []],
  [{ Type: 'List<AWS::EC2::Subnet::Id>' }, 's-1,s-2', ['s-1', 's-2']],
  [{ Type: 'AWS::SSM::Parameter::Value<String>' }, '/name', 'of /name'],
  [{ Type: 'AWS::SSM::Parameter::Value<List<String>>' }, '/name', ['of /name']],
  [{ Type: 'String', AllowedPattern: '(?i)[a-z]+' }, 'ABC', 'ABC'],
])('%j given %p is %p', async (declaration, value, expected) => {
  const [parameter] = await settle(declaration, value);
  expect(parameter && parameterValue(parameter)).toEqual(expected);
});

test.each<[JsonObject, string | undefined, string]>([
  [{ Type: 'String' }, undefined, 'Parameters: [P] must have values'],
  [{ Type: 'String', AllowedValues: ['a', 'b'] }, 'c', "Parameter 'P' must be one of AllowedValues"],
  [
    { Type: 'CommaDelimitedList', AllowedValues: ['a', 'b'] },
    'a,c',
    "Parameter 'P' must be one of AllowedValues",
  ],
  [{ Type: 'String', AllowedPattern: '[a-z]+' }, 'a1', "Parameter 'P' must match pattern [a-z]+"],
  [
    { Type: 'String', AllowedPattern: '[a-z]+', ConstraintDescription: 'small letters' },
    'A',
    "Parameter 'P' failed to satisfy constraint: small letters",
  ],
  [{ Type: 'String', MinLength: 3 }, 'ab', "Parameter 'P' must contain at least 3 characters"],
  [{ Type: 'String', MaxLength: '1' }, 'ab', "Parameter 'P' must contain at most 1 characters"],
  [{ Type: 'Number' }, 'x', "Parameter 'P' must be a number"],
  [{ Type: 'Number', MinValue: 2 }, '1', "Parameter 'P' must be a number not less than 2"],
  [{ Type: 'Number', MaxValue: 2 }, '3', "Parameter 'P' must be a number not greater than 2"],
  [{ Type: 'List<Number>' }, '1,x', "Parameter 'P' must be a number"],
  [{ Type: 'Strung' }, 'x', 'Template format error: Unrecognized parameter type: Strung'],
  [{}, 'x', 'Every Parameters object must contain a Type member.'],
  [{ Type: 'String', Default: [1] }, undefined, 'Every Default member must be a string.'],
  [{ Type: 'String' }, 'x'.repeat(4097), "Parameter 'P' must contain at most 4096 bytes"],
  [
    { Type: 'AWS::SSM::Parameter::Value<String>' },
    '/none',
    'Unable to fetch parameters [/none] from parameter store for this account.',
  ],
  [
    { Type: 'AWS::SSM::Parameter::Value<String>' },
    '/secret',
    'Parameters [/secret] referenced by template have types not supported by CloudFormation.',
  ],
])('%j given %.20p is refused', async (declaration, value, expected) => {
  expect(settle(declaration, value)).rejects.toThrow(expected);
});

test('a value may be kept from before; one that nobody declared is refused', async () => {
  const template = { Resources: {}, Parameters: { P: { Type: 'String' } } };
  const previous = [{ key: 'P', value: 'before', type: 'String', noEcho: false }];
  const fetchSsm = async () => ({});
  const kept = await settleParameters({
    locate: () => undefined,
    template,
    given: [{ key: 'P', usePrevious: true }],
    previous,
    fetchSsm,
  });
  expect(kept).toEqual([{ key: 'P', value: 'before', type: 'String', noEcho: false }]);
  expect(
    settleParameters({
      locate: () => undefined,
      template,
      given: [{ key: 'Q', value: 'x' }],
      previous,
      fetchSsm,
    }),
  ).rejects.toThrow('Parameters: [Q] do not exist in the template');
});
