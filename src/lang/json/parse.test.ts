import { expect, test } from 'bun:test';
import { parseJson, parseLenientJson } from './parse.ts';
import { printJson } from './print.ts';

const roundTrips: [text: string, printed?: string][] = [
  ['null'],
  ['true'],
  ['"a\\"b\\\\\\n\\u0001é"'],
  ['[]'],
  ['{}'],
  ['[1,-2,[3,{"a":null}]]'],
  ['1.0'],
  ['[1.0,2.50]', '[1.0,2.5]'],
  ['1.5'],
  ['-0', '0'],
  ['0.1'],
  ['1e3', '1000.0'],
  ['1E-5', '1.0E-5'],
  ['12345678.9', '1.23456789E7'],
  ['9007199254740991'],
  ['9007199254740993'],
  ['-123456789012345678901234567890'],
  ['123456789012345678.5', '1.2345678901234568E17'],
  ['{"b":1,"a":2}'],
  ['{"b":1,"10":2,"2":3}'],
  ['{"2":{"1":[1.0]}}'],
  ['{"__proto__":{"a":1}}'],
  ['{"__proto__":1.0}'],
  [' { "a" : [ 1 , 2 ] } ', '{"a":[1,2]}'],
  ['{"a":1.0,"a":2}', '{"a":2}'],
  ['{"s":"1e5 :1.0 2.0"}'],
];

for (const [text, printed] of roundTrips)
  test(text, () => expect(printJson(parseJson(text))).toBe(printed ?? text));

const refused = [
  '',
  '{',
  '[1,]',
  '{"a":1.0,}',
  '[1.0',
  '01',
  '1.',
  '.5',
  "{'a':1.0}",
  '{a:1.0}',
  '[1.0 2]',
  '"\\x 1.0"',
  'nul',
  '[1.0] x',
  '{"1":tru}',
  '"a\n1.0"',
  '{"2" 1}',
];
for (const text of refused)
  test(`refused: ${text}`, () => expect(() => parseJson(text)).toThrow(SyntaxError));

test('too deep', () => {
  const deep = `${'['.repeat(5000)}1.0${']'.repeat(5000)}`;
  expect(() => parseJson(deep)).toThrow(SyntaxError);
});

const lenient: [text: string, printed: string][] = [
  ['{statusCode: 200}', '{"statusCode":200}'],
  ['{statusCode: 200,}', '{"statusCode":200}'],
  ["{'a': 'b'}", '{"a":"b"}'],
  ['{a: b c, d: [x, 1, true,]}', '{"a":"b c","d":["x",1,true]}'],
  ['{"a": "b\nc"}', '{"a":"b\\nc"}'],
  ['{\n  "statusCode" : 200\n}', '{"statusCode":200}'],
];
for (const [text, printed] of lenient)
  test(`lenient: ${text}`, () => expect(printJson(parseLenientJson(text))).toBe(printed));

test('lenient is not everything', () => {
  for (const text of ['{', '{a}', '[1', '{a: 1} x'])
    expect(() => parseLenientJson(text)).toThrow(SyntaxError);
});
