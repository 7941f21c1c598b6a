import { expect, test } from 'bun:test';
import { apiGatewayInput, apiGatewayUtil } from './api-gateway.ts';
import { compileTemplate } from './compile.ts';

const render = (template: string, bodyText = '', more: Record<string, unknown> = {}): string =>
  compileTemplate(template)({
    input: apiGatewayInput({
      bodyText,
      params: {
        path: { id: 'p', both: 'path' },
        querystring: { q: 'x y', both: 'query' },
        header: { 'X-Name': 'h', both: 'header' },
      },
    }),
    util: apiGatewayUtil,
    stageVariables: { name: 'dev' },
    ...more,
  });

const BODY =
  '{"a": 1, "b": [{"c": 5}], "s": "it\'s \\"x\\"", "n": 1.0, "big": 12345678901234567890, "d": 12345678.5}';

const rows: [name: string, template: string, expected: string, body?: string][] = [
  ['body as it came', '$input.body', BODY],
  ['an empty body is an empty object', '$input.body', '{}', ''],
  ['json of an empty body', "$input.json('$')", '{}', ''],
  ['json writes the document anew', "$input.json('$.b')", '[{"c":5}]'],
  ['json of a string', "$input.json('$.s')", '"it\'s \\"x\\""'],
  ['json of what is not there', "$input.json('$.nope')", '""'],
  ['a whole Double stays one', "$input.json('$.n') $input.path('$.n')", '1.0 1.0'],
  [
    'a big integer stays whole',
    "$input.json('$.big') $input.path('$.big')",
    '12345678901234567890 12345678901234567890',
  ],
  ['a Double from 10^7 on is scientific', "$input.path('$.d')", '1.23456785E7'],
  [
    'a map prints as Java does, the list in it as JSON',
    "$input.path('$.x')",
    '{a=1, b=[{"c":5}]}',
    '{"x":{"a":1,"b":[{"c":5}]}}',
  ],
  ['a list prints as JSON', "$input.path('$.b')", '[{"c":5}]'],
  ['a missing path prints nothing', "[$input.path('$.nope')]", '[]'],
  ['and is null', "#if($input.path('$.nope') == $null)null#end", 'null'],
  ['null in a variable prints nothing', "#set($x = $input.path('$.nope'))[$x][$x.y]", '[][]'],
  ['a variable that was never set prints itself', '$nope.x', '$nope.x'],
  [
    'what a template sets in the payload is in its JSON',
    "#set($r = $input.path('$'))#set($r.a = 2)$input.json('$.a')",
    '2',
  ],
  ['a form is its own text', "$input.path('$').split('&')[1]", 'b=2', 'a=1&b=2'],
  ['a form as JSON', "$input.json('$')", '"a=1&b=2"', 'a=1&b=2'],
  ['keys without quotes', "$input.path('$.statusCode')", '200', '{statusCode: 200}'],
  ['params: path first', "$input.params('both')", 'path'],
  ['params: query string', "$input.params('q')", 'x y'],
  ['params: header', "$input.params('X-Name')", 'h'],
  ['params: nothing', "[$input.params('nope')]", '[]'],
  ['params: all', '#foreach($k in $input.params().keySet())$k #end', 'path querystring header '],
  ['params: one kind', "$input.params().header.get('X-Name')", 'h'],
  [
    'stage variables three ways',
    "$stageVariables.name $stageVariables['name'] ${stageVariables['name']}",
    'dev dev dev',
  ],
  ['escapeJavaScript', "$util.escapeJavaScript($input.path('$.s'))", 'it\\\'s \\"x\\"'],
  [
    "escapeJavaScript with AWS's advice",
    `$util.escapeJavaScript($input.path('$.s')).replaceAll("\\\\'","'")`,
    'it\'s \\"x\\"',
  ],
  ['escapeJavaScript of other letters', "$util.escapeJavaScript('é\t/')", '\\u00E9\\t\\/'],
  ['parseJson', `$util.parseJson('{"k":[1,2]}').k[1]`, '2'],
  ['urlEncode', "$util.urlEncode('a b/ü*~')", 'a+b%2F%C3%BC*%7E'],
  ['urlDecode', "$util.urlDecode('x=a+b%2F')", 'x=a b/'],
  ['base64', "$util.base64Encode('hé') $util.base64Decode('aMOp')", 'aMOp hé'],
  ['a method that is not there', "[$util.nope('x')]", '[]'],
  [
    'foreach over entries',
    "#foreach($e in $input.path('$.x').entrySet())$e.key=$e.value;#end",
    'a=1;b=2;',
    '{"x":{"a":1,"b":2}}',
  ],
  ['keys in the order they came', "$input.json('$')", '{"b":1,"2":2}', '{"b":1, "2":2}'],
];

for (const [name, template, expected, body] of rows)
  test(name, () => expect(render(template, body ?? BODY)).toBe(expected));

test('overrides are set in the context', () => {
  const context = {
    requestOverride: { header: {}, path: {}, querystring: {} },
    responseOverride: { header: {}, status: null },
  };
  const template = [
    '#set($context.requestOverride.header.foo = "x")',
    '#set($name = "bar")',
    '#set($context.requestOverride.querystring[$name] = 1)',
    '$context.requestOverride.path.put("id", "7")',
    '#set($context.responseOverride.status = 201)',
  ].join('\n');
  render(template, '', { context });
  expect(context as unknown).toEqual({
    requestOverride: { header: { foo: 'x' }, path: { id: '7' }, querystring: { bar: 1 } },
    responseOverride: { header: {}, status: 201 },
  });
});

test("AWS's pass-through template", () => {
  const template = `#set($allParams = $input.params())
{
"body-json" : $input.json('$'),
"params" : {
#foreach($type in $allParams.keySet())
    #set($params = $allParams.get($type))
"$type" : {
    #foreach($paramName in $params.keySet())
    "$paramName" : "$util.escapeJavaScript($params.get($paramName))"
        #if($foreach.hasNext),#end
    #end
}
    #if($foreach.hasNext),#end
#end
},
"context" : { "principal" : "$context.authorizer.principalId" }
}`;
  expect(JSON.parse(render(template, '{"a":1}', { context: {} }))).toEqual({
    'body-json': { a: 1 },
    params: {
      path: { id: 'p', both: 'path' },
      querystring: { q: 'x y', both: 'query' },
      header: { 'X-Name': 'h', both: 'header' },
    },
    context: { principal: '' },
  });
});
