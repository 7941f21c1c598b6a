import { expect, test } from 'bun:test';
import { readTemplate } from './read.ts';

const yaml = (text: string) => readTemplate(`Resources:\n  A:\n    Type: T\nX:\n${text}`).value.X;

test.each([
  ['!Ref A', { Ref: 'A' }],
  ['!GetAtt A.B.C', { 'Fn::GetAtt': ['A', 'B.C'] }],
  ['!GetAtt [A, B]', { 'Fn::GetAtt': ['A', 'B'] }],
  ['!Sub "${A}"', { 'Fn::Sub': '${A}' }],
  ['!Join [",", [a, !Ref B]]', { 'Fn::Join': [',', ['a', { Ref: 'B' }]] }],
  ['!If [C, !Base64 x, !GetAZs ""]', { 'Fn::If': ['C', { 'Fn::Base64': 'x' }, { 'Fn::GetAZs': '' }] }],
  ['!Not [!Condition C]', { 'Fn::Not': [{ Condition: 'C' }] }],
  ['{ Fn::Transform: { Name: N } }', { 'Fn::Transform': { Name: 'N' } }],
  ['!Transform { Name: N }', { 'Fn::Transform': { Name: 'N' } }],
])('short form %s', (text, expected) => {
  expect<unknown>(yaml(`  ${text}`)).toEqual(expected);
});

test.each([
  ['12', 12],
  ['-1.5', -1.5],
  ['true', true],
  ['yes', true],
  ['off', false],
  ['~', null],
  ['""', ''],
  ['"12"', '12'],
  // What would not be written the same again stays text.
  ['012345678901', '012345678901'],
  ['1.0', '1.0'],
  ['0x1F', '0x1F'],
  ['1_000', '1_000'],
  ['12:30', '12:30'],
  ['2012-10-17', '2012-10-17'],
  ['123456789012', 123456789012],
])('plain %s', (text, expected) => {
  expect<unknown>(yaml(`  ${text}`)).toBe(expected);
});

test.each([
  ['Resources: {', 'Template format error: YAML not well-formed. (line 1, column'],
  ['Resources:\n  A: 1\n   B: 2\n', 'Template format error: YAML not well-formed. (line 2, column'],
  ['Resources:\n  A: 1\n  A: 2\n', 'Template format error: YAML not well-formed. (line 3, column'],
  ['{"Resources": {', 'Template format error: JSON not well-formed. (line 1, column'],
  ['{\n"Resources": {,}\n}', 'Template format error: JSON not well-formed. (line 2, column'],
  [
    'Resources: &a {}\nB: *a\n',
    'YAML aliases are not allowed in CloudFormation templates (line 2, column 4)',
  ],
  ['Resources:\n  A: !Nope x\n', "the tag !Nope is not one of CloudFormation's. (line 2, column 12)"],
  ['', 'At least one Resources member must be defined.'],
  ['- a', 'Template format error: unsupported structure.'],
])('%p is refused with its place', (text, expected) => {
  expect(() => readTemplate(text)).toThrow(expected);
});

test('places are those of the text, in YAML and JSON alike', () => {
  const text =
    'Resources:\n  A:\n    Type: T\n    Properties:\n      Name: !Join\n        - ","\n        - [a, b]\n';
  const { locate } = readTemplate(text);
  expect(locate(['Resources', 'A'])).toEqual({ line: 2, column: 3 });
  expect(locate(['Resources', 'A', 'Properties', 'Name'])).toEqual({ line: 5, column: 7 });
  expect(locate(['Resources', 'A', 'Properties', 'Name', 'Fn::Join', 1, 1])).toEqual({ line: 7, column: 15 });
  // What is not in the text is where its nearest owner is.
  expect(locate(['Resources', 'A', 'Properties', 'Absent', 0])).toEqual({ line: 4, column: 5 });
  expect(locate(['Outputs'])).toBeUndefined();
  const json = readTemplate('{\n  "Resources": {\n    "A": { "Type": "T" }\n  }\n}');
  expect(json.locate(['Resources', 'A'])).toEqual({ line: 3, column: 5 });
});
