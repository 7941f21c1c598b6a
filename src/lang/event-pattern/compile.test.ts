import { describe, expect, test } from 'bun:test';
import { compileEventPattern } from './compile.ts';

/** Pattern, events that fit, events that do not. */
const ROWS: [string, object, unknown[], unknown[]][] = [
  [
    'a value of a list',
    { a: ['x', 1] },
    [{ a: 'x' }, { a: 1 }, { a: ['y', 'x'] }],
    [{ a: 'y' }, { a: '1' }, {}],
  ],
  ['every field', { a: ['x'], b: ['y'] }, [{ a: 'x', b: 'y' }], [{ a: 'x' }, { a: 'x', b: 'z' }]],
  [
    'true, false, null and nothing',
    { a: [true, null] },
    [{ a: true }, { a: null }],
    [{ a: false }, {}, { a: '' }],
  ],
  ['numbers by value', { a: [3] }, [{ a: 3.0 }], [{ a: 3.1 }]],
  ['fields of fields', { d: { s: ['x'] } }, [{ d: { s: 'x' } }], [{ d: 's' }, { d: {} }, {}]],
  [
    'one and the same of a list of objects',
    { d: { a: [1], b: [2] } },
    [{ d: [{ a: 1, b: 2 }] }],
    [{ d: [{ a: 1 }, { b: 2 }] }],
  ],
  ['prefix', { a: [{ prefix: 'eu-' }] }, [{ a: 'eu-1' }], [{ a: 'us-1' }, { a: 5 }, {}]],
  [
    'prefix without case',
    { a: [{ prefix: { 'equals-ignore-case': 'EU' } }] },
    [{ a: 'eu-1' }],
    [{ a: 'us' }],
  ],
  ['suffix', { a: [{ suffix: '.png' }] }, [{ a: 'x.png' }], [{ a: 'png' }]],
  [
    'suffix without case',
    { a: [{ suffix: { 'equals-ignore-case': '.PNG' } }] },
    [{ a: 'x.png' }],
    [{ a: 'x' }],
  ],
  ['without case', { a: [{ 'equals-ignore-case': 'Alice' }] }, [{ a: 'ALICE' }], [{ a: 'bob' }]],
  ['anything but a value', { a: [{ 'anything-but': 'x' }] }, [{ a: 'y' }, { a: 1 }], [{ a: 'x' }, {}]],
  [
    'anything but values',
    { a: [{ 'anything-but': ['x', 1] }] },
    [{ a: 'y' }, { a: 2 }],
    [{ a: 'x' }, { a: 1 }],
  ],
  ['anything but a prefix', { a: [{ 'anything-but': { prefix: 'x' } }] }, [{ a: 'y' }], [{ a: 'xy' }, {}]],
  ['anything but prefixes', { a: [{ 'anything-but': { prefix: ['x', 'y'] } }] }, [{ a: 'z' }], [{ a: 'yz' }]],
  [
    'anything but a suffix',
    { a: [{ 'anything-but': { suffix: '.txt' } }] },
    [{ a: 'a.rtf' }],
    [{ a: 'a.txt' }],
  ],
  [
    'anything but whatever case',
    { a: [{ 'anything-but': { 'equals-ignore-case': ['X'] } }] },
    [{ a: 'y' }],
    [{ a: 'x' }],
  ],
  [
    'anything but a wildcard',
    { a: [{ 'anything-but': { wildcard: '*/lib/*' } }] },
    [{ a: '/a' }],
    [{ a: 'a/lib/b' }],
  ],
  ['numeric', { a: [{ numeric: ['>', 0] }] }, [{ a: 0.1 }], [{ a: 0 }, { a: '1' }]],
  ['numeric range', { a: [{ numeric: ['>', 0, '<=', 5] }] }, [{ a: 5 }, { a: 1 }], [{ a: 0 }, { a: 6 }]],
  ['numeric equal', { a: [{ numeric: ['=', 3.018e2] }] }, [{ a: 301.8 }], [{ a: 301 }]],
  [
    'addresses',
    { a: [{ cidr: '10.0.0.0/24' }] },
    [{ a: '10.0.0.255' }],
    [{ a: '10.0.1.0' }, { a: 'x' }, { a: '::1' }],
  ],
  ['long addresses', { a: [{ cidr: '2001:db8::/32' }] }, [{ a: '2001:db8:1::1' }], [{ a: '2001:db9::' }]],
  ['exists', { a: [{ exists: true }] }, [{ a: null }, { a: '' }], [{}, { a: { b: 1 } }]],
  ['exists not', { a: [{ exists: false }] }, [{}, { b: 1 }], [{ a: 1 }]],
  ['exists not, deep', { d: { a: [{ exists: false }] } }, [{ d: { b: 1 } }, {}], [{ d: { a: 1 } }]],
  ['a value or nothing', { a: ['x', { exists: false }] }, [{ a: 'x' }, {}], [{ a: 'y' }]],
  ['wildcard', { a: [{ wildcard: 'dir/*/f*.txt' }] }, [{ a: 'dir/a/b/file.txt' }], [{ a: 'dir/f.txt' }]],
  ['wildcard, no overlap', { a: [{ wildcard: 'ab*ba' }] }, [{ a: 'abba' }], [{ a: 'aba' }]],
  ['wildcard escaped', { a: [{ wildcard: 'a\\*b\\\\*' }] }, [{ a: 'a*b\\c' }], [{ a: 'axb\\' }]],
  [
    '$or of fields',
    { s: ['aws'], $or: [{ a: [{ numeric: ['>', 5] }] }, { b: { c: ['x'] } }] },
    [
      { s: 'aws', a: 6 },
      { s: 'aws', b: { c: 'x' } },
    ],
    [{ s: 'aws', a: 1 }, { a: 6 }],
  ],
  ['a field called $or', { $or: ['x'] }, [{ $or: 'x' }], [{}]],
  ['names like those of every object', { constructor: ['x'] }, [{ constructor: 'x' }], [{}]],
];

describe('fits', () => {
  test.each(ROWS)('%s', (_name, pattern, fitting, others) => {
    const fits = compileEventPattern(pattern);
    expect(fitting.map(fits)).toEqual(fitting.map(() => true));
    expect(others.map(fits)).toEqual(others.map(() => false));
  });
});

const REFUSED: [unknown, string][] = [
  ['{', 'Filter is not valid JSON'],
  [[], 'Filter is not an object'],
  [{}, 'Empty objects are not allowed'],
  [{ a: 'x' }, '"a" must be an object or an array'],
  [{ a: [] }, 'Empty arrays are not allowed'],
  [{ a: {} }, 'Empty objects are not allowed'],
  [{ a: [{ nothing: 1 }] }, 'Unrecognized match type nothing'],
  [{ a: [{ prefix: 'a', suffix: 'b' }] }, 'Only one key allowed in match expression'],
  [{ a: [{ prefix: 1 }] }, 'prefix match pattern must be a string'],
  [{ a: [{ exists: 'yes' }] }, 'exists match pattern must be either true or false.'],
  [{ a: [{ numeric: 5 }] }, 'Value of numeric must be an array.'],
  [{ a: [{ numeric: ['!', 5] }] }, 'Unrecognized numeric range operator: !'],
  [{ a: [{ numeric: ['>', 'x'] }] }, 'Value of > must be numeric'],
  [{ a: [{ numeric: ['>', 5, '<', 1] }] }, 'Bottom must be less than top'],
  [{ a: [{ cidr: '10.0.0.0' }] }, "Malformed CIDR, one '/' required"],
  [{ a: [{ wildcard: 'a**b' }] }, 'Consecutive wildcard characters at pos 1'],
  [{ a: [{ wildcard: 'a\\b' }] }, 'Invalid escape character at pos 1'],
  [{ a: [['x']] }, 'Match value must be String, number, true, false, or null'],
];

test.each(REFUSED)('refuses %j: %s', (pattern, reason) => {
  expect(() => compileEventPattern(pattern)).toThrow(reason);
});
