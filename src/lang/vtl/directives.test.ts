/** Directives and expressions, each with what Velocity 1.7 prints. */
import { expect, test } from 'bun:test';
import { JavaDouble } from '../java/number.ts';
import { compileTemplate } from './compile.ts';
import { VtlError } from './error.ts';

const context = (): Record<string, unknown> => ({
  i: 7,
  d: 2.5,
  whole: new JavaDouble(4),
  s: 'text',
  t: true,
  f: false,
  list: ['a', 'b', 'c'],
  map: { x: 1, y: 2 },
  nested: [
    { n: 1, in: [1, 2] },
    { n: 2, in: [3] },
  ],
});

type Row = [template: string, expected: string];

const arithmetic: Row[] = [
  ['#set($x = 1 + 2)$x', '3'],
  ['#set($x = $i / 2)$x', '3'],
  ['#set($x = -7 / 2)$x', '-3'],
  ['#set($x = -7 % 3)$x', '-1'],
  ['#set($x = $i % 4)$x', '3'],
  ['#set($x = $i * $d)$x', '17.5'],
  ['#set($x = $whole * 2)$x', '8.0'],
  ['#set($x = $i + 1.0)$x', '8.0'],
  ['#set($x = 7 / 2.0)$x', '3.5'],
  ['#set($x = 1.0 + 1.0)$x', '2.0'],
  ['#set($x = 2 + 3 * 4)$x', '14'],
  ['#set($x = (2 + 3) * 4)$x', '20'],
  ['#set($x = 10 - 2 - 3)$x', '5'],
  ['#set($x = 2147483647 + 1)$x', '2147483648'],
  ['#set($x = 9223372036854775807 + 1)$x', '9223372036854775808'],
  ['#set($x = 9007199254740993 - 1)$x', '9007199254740992'],
  ['#set($x = 3000000000 * 3000000000)$x', '9000000000000000000'],
  ['#set($x = 1 / 0)$!x.', '.'],
  ['#set($x = 1 % 0)$!x.', '.'],
  ['#set($x = 1.5 / 0.0)$!x.', '.'],
  ['#set($x = $s + 1)$x', 'text1'],
  ['#set($x = 1 + $s)$x', '1text'],
  ['#set($x = "a" + "b" + 1 + 2)$x', 'ab12'],
  ['#set($x = 1 + 2 + "a")$x', '3a'],
  ['#set($x = $s + $nope)$x', 'text$nope'],
  ['#set($x = $nope + 1)$!x.', '.'],
  ['#set($x = $t + 1)$!x.', '.'],
  ['#set($x = $s * 2)$!x.', '.'],
  ['#set($x = -5)$x', '-5'],
  ['#set($x = 1.5e3)$x', '1500.0'],
  ['#set($x = 10000000.0)$x', '1.0E7'],
  ['#set($x = 0.0001)$x', '1.0E-4'],
  ['#set($x = 0.1 + 0.2)$x', '0.30000000000000004'],
  ['#set($x = 100.0 / 3)$x', '33.333333333333336'],
  ['#set($x = 12345678.9)$x', '1.23456789E7'],
];

const conditions: Row[] = [
  ['#if(true)a#end', 'a'],
  ['#if(false)a#end', ''],
  ['#if($t)a#{else}b#end', 'a'],
  ['#if($f)a#{else}b#end', 'b'],
  ['#if($nope)a#{else}b#end', 'b'],
  ['#if($s)a#end', 'a'],
  ['#if($i)a#end', 'a'],
  ['#set($z = 0)#if($z)a#end', 'a'],
  ['#set($e = "")#if($e)a#end', 'a'],
  ['#set($l = [])#if($l)a#end', 'a'],
  ['#if(!$nope)a#end', 'a'],
  ['#if(not $t)a#{else}b#end', 'b'],
  ['#if($t && $f)a#{else}b#end', 'b'],
  ['#if($t || $f)a#{else}b#end', 'a'],
  ['#if($t and $t)a#end', 'a'],
  ['#if($f or $t)a#end', 'a'],
  ['#if($f && $t || $t)a#end', 'a'],
  ['#if($t || $nope.x.y())a#end', 'a'],
  ['#if(!($t && $f))a#end', 'a'],
  ['#if($i == 7)a#end', 'a'],
  ['#if($i == 7.0)a#end', 'a'],
  ['#if($i != 8)a#end', 'a'],
  ['#if($i eq 7)a#end', 'a'],
  ['#if($i ne 7)a#{else}b#end', 'b'],
  ['#if($s == "text")a#end', 'a'],
  ["#if($s == 'Text')a#{else}b#end", 'b'],
  ['#if($i == "7")a#end', 'a'],
  ['#if($t == "true")a#end', 'a'],
  ['#if($nope == $nada)a#end', 'a'],
  ['#if($nope == "")a#{else}b#end', 'b'],
  ['#if($nope != "x")a#end', 'a'],
  ['#if("$!nope" == "")a#end', 'a'],
  ['#if($list == ["a", "b", "c"])a#end', 'a'],
  ['#if($map == {"y": 2, "x": 1})a#end', 'a'],
  ['#if($i > 6)a#end', 'a'],
  ['#if($i gt 7)a#{else}b#end', 'b'],
  ['#if($i >= 7)a#end', 'a'],
  ['#if($i ge 7)a#end', 'a'],
  ['#if($i < 7)a#{else}b#end', 'b'],
  ['#if($i lt 8)a#end', 'a'],
  ['#if($i <= 7)a#end', 'a'],
  ['#if($i le 6)a#{else}b#end', 'b'],
  ['#if($d > 2)a#end', 'a'],
  ['#if($s > 1)a#{else}b#end', 'b'],
  ['#if($nope > 1)a#{else}b#end', 'b'],
  ['#if("b" > "a")a#{else}b#end', 'b'],
  ['#if($i > 1 && $i < 10)a#end', 'a'],
  ['#if($i + 1 == 8)a#end', 'a'],
  ['#if($i%2 == 1)a#end', 'a'],
  ['#if($f)1#elseif($f)2#elseif($t)3#{else}4#end', '3'],
  ['#if($f)1#elseif($f)2#{else}4#end', '4'],
  ['#if($list.contains("b"))a#end', 'a'],
  ['#if("x")a#{else}b#end', 'b'],
  ['#if(1)a#{else}b#end', 'b'],
  ['#set($b = $i > 6)$b', 'true'],
  ['#set($b = !$t)$b', 'false'],
  ['#set($b = $t && $f)$b', 'false'],
  ['#if( $t )a#end', 'a'],
  ['#if ($t)a#end', 'a'],
  ['#if(\n$t\n&& $i == 7\n)a#end', 'a'],
];

const sets: Row[] = [
  ['#set($x = "a")$x', 'a'],
  ['#set( $x = "a" )$x', 'a'],
  ['#set ($x="a")$x', 'a'],
  ['#set($x="$s$i")$x', 'text7'],
  ["#set($x='$s')$x", '$s'],
  ['#set($x = "a ""b"" c")$x', 'a "b" c'],
  ["#set($x = 'it''s')$x", "it's"],
  ['#set($x = "a \\"b\\"")$x', 'a \\"b\\"'],
  ['#set($x = "\\u0041")$x', 'A'],
  ["#set($x = '\\u0041')$x", '\\u0041'],
  ['#set($x = "a\\nb")$x', 'a\\nb'],
  ['#set($x = "a\nb")$x', 'a\nb'],
  ['#set($x = "#if($t)yes#end")$x', 'yes'],
  ['#set($x = "#foreach($e in $list)$e#end")$x', 'abc'],
  ['#set($x = "$nope")$x', '$nope'],
  ['#set($x = "$!nope")[$x]', '[]'],
  ['#set($x = "#fff")$x', '#fff'],
  ['#set($x = "\\$s")$x', '$s'],
  ['#set($x = $s)$x', 'text'],
  ['#set($x = true)$x', 'true'],
  ['#set($x = [1, "b", $s, true, 1.5])$x', '[1, b, text, true, 1.5]'],
  ['#set($x = [])$x', '[]'],
  ['#set($x = [ "a" , "b" ])$x', '[a, b]'],
  ['#set($x = [1..5])$x', '[1, 2, 3, 4, 5]'],
  ['#set($x = [3..1])$x', '[3, 2, 1]'],
  ['#set($x = [-1..1])$x', '[-1, 0, 1]'],
  ['#set($x = [ $i .. 9 ])$x', '[7, 8, 9]'],
  ['#set($x = {"a": 1, "b": "c"})$x', '{a=1, b=c}'],
  ['#set($x = {})$x', '{}'],
  ['#set($x = {"a": [1, {"b": 2}]})$x.a[1].b', '2'],
  ['#set($x = {"a": $list})$x', '{a=["a","b","c"]}'],
  ['#set($x = {$s: 1})$x.text', '1'],
  ['#set($x = {1: "a"})$x.get(1)$!x.get("1")', 'a'],
  ['#set($map.z = 3)$map', '{x=1, y=2, z=3}'],
  ['#set($map["z"] = 3)$map.z', '3'],
  ['#set($map[$s] = 3)$map.text', '3'],
  ['#set($list[0] = "z")$list', '["z","b","c"]'],
  ['#set($list[-1] = "z")$list', '["a","b","z"]'],
  ['#set($x = {})#set($x.a = {})#set($x.a.b = 1)$x', '{a={b=1}}'],
  ['#set($nope.x = 1)$nope.x', '$nope.x'],
  ['#set($x = 1)#set($x = $nope)$x', '1'],
  ['#set(${x} = 1)$x', '1'],
  ['#set($!x = 1)$x', '1'],
  ["#set($map['__proto__'] = {'polluted': 1})$map.polluted", '$map.polluted'],
];

const loops: Row[] = [
  ['#foreach($e in $list)$e#end', 'abc'],
  ['#foreach( $e in $list )$e#end', 'abc'],
  ['#foreach($e in ["x", "y"])$e#end', 'xy'],
  ['#foreach($e in [1..3])$e,#end', '1,2,3,'],
  ['#foreach($v in $map)$v#end', '12'],
  ['#foreach($k in $map.keySet())$k#end', 'xy'],
  ['#foreach($v in $map.values())$v#end', '12'],
  ['#foreach($e in $map.entrySet())$e.key=$e.value#if($foreach.hasNext)&#end#end', 'x=1&y=2'],
  ['#foreach($e in $map.entrySet())$e.getKey()=$e.getValue();#end', 'x=1;y=2;'],
  ['#foreach($e in $map.entrySet())$e #end', 'x=1 y=2 '],
  ['#foreach($e in $nope)$e#{end}x', 'x'],
  ['#foreach($e in $s)$e#{end}x', 'x'],
  ['#foreach($e in [])$e#{end}x', 'x'],
  ['#foreach($e in $list.iterator())$e#end', 'abc'],
  ['#foreach($e in $list)$foreach.index#end', '012'],
  ['#foreach($e in $list)$foreach.count#end', '123'],
  ['#foreach($e in $list)$velocityCount#end', '123'],
  ['#foreach($e in $list)$foreach.first #end', 'true false false '],
  ['#foreach($e in $list)$foreach.last #end', 'false false true '],
  ['#foreach($e in $list)#if($foreach.hasNext)$e,#{else}$e#end#end', 'a,b,c'],
  ['#foreach($e in $list)#if($velocityHasNext)$e,#{else}$e#end#end', 'a,b,c'],
  ['#foreach($e in $list)$foreach.getIndex()$foreach.hasNext()#end', '0true1true2false'],
  ['#foreach($o in $nested)#foreach($e in $o.in)$o.n$e$foreach.index #end#end', '110 121 230 '],
  ['#foreach($o in $nested)#foreach($e in $o.in)$foreach.parent.index#end#end', '001'],
  ['#foreach($o in $nested)#foreach($e in $o.in)#end$foreach.index#end', '01'],
  ['#foreach($e in $list)#end$foreach', '$foreach'],
  ['#foreach($e in $list)#end$e', '$e'],
  ['#set($e = "kept")#foreach($e in $list)$e#end$e', 'abckept'],
  ['#foreach($e in $list)#if($e == "b")#break#end$e#end!', 'a!'],
  ['#foreach($o in $nested)#foreach($e in [1..9])#if($e == 2)#break#end$e#end;#end', '1;1;'],
  ['#foreach($e in $list)#set($last = $e)#end$last', 'c'],
  ['#set($n = 0)#foreach($e in $list)#set($n = $n + 1)#end$n', '3'],
  ['#foreach($e in [1..2000])x#end', 'x'.repeat(1000)],
  ['#foreach($e in [1, $nope, 3])[$e]#end', '[1][$e][3]'],
  ['a#break b', 'a'],
];

const macros: Row[] = [
  ['#macro(m)x#end#m()#m()', 'xx'],
  ['#m()#macro(m)x#end', 'x'],
  ['#macro(m)x#end#m', 'x'],
  ['#macro(m $a $b)$b$a#end#m(1 2)#m("x", $s)', '21textx'],
  ['#macro(m $a)$a#end#m($nope)', '$nope'],
  ['#macro(m $a)$!a#end#m($nope)', ''],
  ['#macro(m $a $b)[$b]#end#m(1)', '[$b]'],
  ['#macro(m $a)$a.length()#end#m($s)', '4'],
  ['#macro(m $a)#foreach($e in $a)$e#end#end#m(["x", "y"])', 'xy'],
  ['#macro(m $a)#if($a > 0)$a#set($n = $a - 1)#m($n)#end#end#m(3)', '321'],
  ['#macro(f $x)<$x>#end#macro(g $x)#f($x)#end#g("a")', '<a>'],
  ['#macro(m $a)#set($a = 5)$a#end#set($v = 1)#m($v)$v$a', '515'],
  ['#macro(m)#set($out = 3)#end#m()$out', '3'],
  ['#macro(m $a)$a$a#end#m($list.remove(0))', 'ab'],
  ['#macro(m $a)#end#m($list.remove(0))$list.size()', '3'],
  ['#macro(m)$x#end#set($x = 1)#m()#set($x = 2)#m()', '12'],
  ['#macro(m)a#end#macro(m)b#end#m()', 'a'],
  ['#macro(wrap $t)<$t>$bodyContent</$t>#end#@wrap("b")in $s#end', '<b>in text</b>'],
  ['#macro(m $a)#break x#end#foreach($e in $list)$e#m(1)#end', 'a'],
  ['#define($d)<$v>#end#set($v = 1)$d#set($v = 2)$d', '<1><2>'],
  ['#define($d)x#end#set($y = "$d$d")$y', 'xx'],
  ['#define($d)x#end#if($d == "x")same#end', 'same'],
  ['#evaluate("$s")', 'text'],
  ["#evaluate('#set($q = 4)$q')$q", '44'],
  ["#set($e = '#foreach($x in $list)$x$foreach.index#end')#evaluate($e)", 'a0b1c2'],
  ["#macro(m $p)p:$p#end#evaluate('#m($i)')", 'p:7'],
  ["#macro(m $p)#evaluate('$p')#end#m(8)", '8'],
  ['#evaluate($nope)x', 'x'],
];

for (const [template, expected] of [...arithmetic, ...conditions, ...sets, ...loops, ...macros])
  test(JSON.stringify(template), () =>
    expect(compileTemplate(template, { nulls: 'velocity' })(context())).toBe(expected),
  );

const errors: [template: string, reason: RegExp, line: number, column: number][] = [
  ['${foo', /Encountered the end/, 1, 6],
  ['${foo bar}', /was expecting "}"/, 1, 6],
  ['a\n#if($x', /was expecting "\)"/, 2, 7],
  ['#if(true)a', /"#end"/, 1, 11],
  ['a\nb#end', /the end of the template/, 2, 2],
  ['#set($x = )', /a value/, 1, 11],
  ['#set(x = 1)', /a reference/, 1, 6],
  ['#set($x = 1', /"\)"/, 1, 12],
  ['#set($x = "a)', /not closed/, 1, 11],
  ['#set($x = 5 -1)', /"\)"/, 1, 13],
  ['$list.get($i + 1)', /"," or "\)"/, 1, 14],
  ['#foreach($x of $y)#end', /"in"/, 1, 13],
  ['#foreach($x in 1 + 2)#end', /"\)"/, 1, 18],
  ['#macro($x)#end', /macro's name/, 1, 8],
  ['#[[ open', /not closed/, 1, 1],
  ['#include("x")', /#include is not supported/, 1, 1],
  ['a #parse("x")', /#parse is not supported/, 1, 3],
  ['$s.substring(9)', /StringIndexOutOfBoundsException/, 1, 3],
  ['\n  $list.get(9)', /IndexOutOfBoundsException: Index: 9, Size: 3/, 2, 8],
  ['$list[9]', /IndexOutOfBoundsException/, 1, 6],
  ['$i.parseInt("x")', /NumberFormatException: For input string: "x"/, 1, 3],
  ['$s.matches("(")', /PatternSyntaxException/, 1, 3],
  ['#macro(m)#m()#end#m()', /Max calling depth/, 1, 10],
  ['#define($d)$d#end$d', /Max calling depth/, 1, 1],
  ['#set($x = [1..9999999])', /range is too long/, 1, 1],
];

for (const [template, reason, line, column] of errors)
  test(`error: ${JSON.stringify(template)}`, () => {
    let thrown: unknown;
    try {
      compileTemplate(template)(context());
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(VtlError);
    if (!(thrown instanceof VtlError)) return;
    expect(thrown.reason).toMatch(reason);
    expect([thrown.line, thrown.column]).toEqual([line, column]);
  });

const runaways: [name: string, template: string][] = [
  ['a string that doubles', '#set($x = "ab")#foreach($i in [1..100])#set($x = "$x$x")#end'],
  ['a string that is joined', '#set($x = "ab")#foreach($i in [1..100])#set($x = $x.concat($x))#end'],
  ['a string that adds up', '#set($x = "ab")#foreach($i in [1..100])#set($x = $x + $x)#end'],
  [
    'loops in loops in loops',
    '#foreach($a in [1..999])#foreach($b in [1..999])#foreach($c in [1..999])#end#end#end',
  ],
  ['much output', '#foreach($a in [1..999])#foreach($b in [1..999])0123456789012345#end#end'],
  ['a list of itself', '#set($l = [])#foreach($i in [1..100])#set($l = [$l, $l])#end$l'],
  ['a list in itself', '#set($l = [])#set($m = $l.add($l))$l'],
  ['a number that is squared', '#set($x = 9999999999)#foreach($i in [1..100])#set($x = $x * $x)#end'],
];

for (const [name, template] of runaways)
  test(`stopped: ${name}`, () =>
    expect(() => compileTemplate(template, { maxOutputBytes: 1_000_000 })({})).toThrow(VtlError));

test('output is counted in bytes', () => {
  const render = compileTemplate('$x', { maxOutputBytes: 4 });
  expect(render({ x: 'éé' })).toBe('éé');
  expect(() => render({ x: 'ééé' })).toThrow(VtlError);
});

test('directives of the caller', () => {
  class Returned extends Error {
    readonly value: unknown;
    constructor(value: unknown) {
      super();
      this.value = value;
    }
  }
  const directives = {
    return: ([value]: readonly unknown[]): string => {
      throw new Returned(value);
    },
    twice: ([value]: readonly unknown[]): string => `${value}${value}`,
  };
  const options = { directives };
  expect(compileTemplate('#twice($s)\nx', options)({ s: 'a' })).toBe('aax');
  expect(() => compileTemplate('a#if(true)#return($s)#end', options)({ s: 'a' })).toThrow(Returned);
  expect(compileTemplate('#return($s)')({ s: 'a' })).toBe('#return($s)');
});

test('a rendering leaves nothing behind for the next', () => {
  const render = compileTemplate('$!x#set($x = 1)#foreach($i in [1..2])$i#end', { nulls: 'velocity' });
  expect([render({}), render({})]).toEqual(['12', '12']);
});
