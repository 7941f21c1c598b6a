/**
 * Text transformations, which undo what attackers do to hide a payload.
 * https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-transformation.html
 * Each takes and gives text of one character a byte, in time linear in its length.
 */
import { createHash } from 'node:crypto';
import type { TextTransformation } from '@aws-sdk/client-wafv2';

type Transform = (text: string) => string;

const byte = (hex: string): string => String.fromCharCode(Number.parseInt(hex, 16) & 255);

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1');

const urlDecode: Transform = (text) =>
  text.replaceAll('+', ' ').replace(/%([0-9a-f]{2})/gi, (_, hex: string) => byte(hex));

/** As URL_DECODE, and `%uHHHH`: full width letters become their ASCII forms, all others their low byte. */
const urlDecodeUni: Transform = (text) =>
  urlDecode(
    text.replace(/%u([0-9a-f]{4})/gi, (_, hex: string) => {
      const code = Number.parseInt(hex, 16);
      return code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xfee0) : byte(hex);
    }),
  );

const ENTITIES: Readonly<Record<string, string>> = {
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  lt: '<',
  gt: '>',
  amp: '&',
  colon: ':',
  newline: '\n',
  tab: '\t',
  lpar: '(',
  rpar: ')',
};

const htmlEntityDecode: Transform = (text) =>
  text.replace(/&(?:#x([0-9a-f]{1,7})|#(\d{1,7})|([a-z]{1,10}));?/gi, (whole: string, hex, decimal, name) => {
    if (hex !== undefined) return byte(String(hex).slice(-2));
    if (decimal !== undefined) return String.fromCharCode(Number(decimal) & 255);
    return ENTITIES[String(name).toLowerCase()] ?? whole;
  });

/** https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-transformation.html, "Command line" */
const commandLine: Transform = (text) =>
  text
    .replace(/[\\"'^]/g, '')
    .replace(/[,;\s]+/g, ' ')
    .replace(/ +([/(])/g, '$1')
    .toLowerCase();

const compressWhiteSpace: Transform = (text) => text.replace(/[\f\t\n\r\v\u00a0 ]+/g, ' ');

/** Each comment becomes a space; one without an end takes the rest. */
const replaceComments: Transform = (text) => {
  let out = '';
  let at = 0;
  for (;;) {
    const start = text.indexOf('/*', at);
    if (start === -1) return out + text.slice(at);
    out += `${text.slice(at, start)} `;
    const end = text.indexOf('*/', start + 2);
    if (end === -1) return out;
    at = end + 2;
  }
};

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const escapeSequences: Transform = (text) =>
  text.replace(/\\(?:x([0-9a-f]{2})|([0-7]{1,3})|(.))/gis, (_, hex, octal, letter) => {
    if (hex !== undefined) return byte(String(hex));
    if (octal !== undefined) return String.fromCharCode(Number.parseInt(String(octal), 8) & 255);
    return ESCAPES[String(letter)] ?? String(letter);
  });

const jsDecode: Transform = (text) =>
  escapeSequences(
    text.replace(/\\u([0-9a-f]{4})/gi, (_, hex: string) => {
      const code = Number.parseInt(hex, 16);
      return code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xfee0) : byte(hex);
    }),
  );

/** CSS 2.x escapes: up to six hexadecimal digits, of which the last two count, and a space that ends them. */
const cssDecode: Transform = (text) =>
  text.replace(/\\(?:([0-9a-f]{1,6})\s?|\n|(.))/gis, (_, hex, letter) => {
    if (hex !== undefined) return byte(String(hex).slice(-2));
    return letter === undefined ? '' : String(letter);
  });

const sqlHexDecode: Transform = (text) =>
  text.replace(/0x((?:[0-9a-f]{2})+)/gi, (_, hex: string) => Buffer.from(hex, 'hex').toString('latin1'));

const hexDecode: Transform = (text) =>
  /^(?:[0-9a-f]{2})*$/i.test(text) ? Buffer.from(text, 'hex').toString('latin1') : text;

const base64Decode: Transform = (text) =>
  /^[A-Za-z0-9+/]*={0,2}$/.test(text) ? Buffer.from(text, 'base64').toString('latin1') : text;

/** Forgiving: what is no base64 is passed over. */
const base64DecodeExt: Transform = (text) =>
  Buffer.from(text.replace(/[^A-Za-z0-9+/]/g, ''), 'base64').toString('latin1');

const normalizePath: Transform = (text) => {
  const kept: string[] = [];
  const parts = text.split(/\/+/);
  for (const part of parts) {
    if (part === '.') continue;
    if (part === '..' && kept.length > 0 && kept.at(-1) !== '' && kept.at(-1) !== '..') kept.pop();
    else if (part !== '..' || kept.at(-1) !== '') kept.push(part);
  }
  const joined = kept.join('/');
  return joined === '' && text.startsWith('/') ? '/' : joined;
};

/** Characters beyond ASCII as `%uHHHH`. */
const utf8ToUnicode: Transform = (text) => {
  let out = '';
  for (const letter of bytesOf(text).toString('utf8')) {
    const code = letter.codePointAt(0) ?? 0;
    out += code < 128 ? letter : `%u${code.toString(16).padStart(4, '0')}`;
  }
  return out;
};

const TRANSFORMS: Readonly<Record<string, Transform>> = {
  NONE: (text) => text,
  COMPRESS_WHITE_SPACE: compressWhiteSpace,
  HTML_ENTITY_DECODE: htmlEntityDecode,
  LOWERCASE: (text) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()),
  CMD_LINE: commandLine,
  URL_DECODE: urlDecode,
  BASE64_DECODE: base64Decode,
  HEX_DECODE: hexDecode,
  MD5: (text) => createHash('md5').update(bytesOf(text)).digest().toString('latin1'),
  REPLACE_COMMENTS: replaceComments,
  ESCAPE_SEQ_DECODE: escapeSequences,
  SQL_HEX_DECODE: sqlHexDecode,
  CSS_DECODE: cssDecode,
  JS_DECODE: jsDecode,
  NORMALIZE_PATH: normalizePath,
  NORMALIZE_PATH_WIN: (text) => normalizePath(text.replaceAll('\\', '/')),
  REMOVE_NULLS: (text) => text.replaceAll('\0', ''),
  REPLACE_NULLS: (text) => text.replaceAll('\0', ' '),
  BASE64_DECODE_EXT: base64DecodeExt,
  URL_DECODE_UNI: urlDecodeUni,
  UTF8_TO_UNICODE: utf8ToUnicode,
};

/** In the order of their priorities. Throws an Error that names the one nobody knows. */
export function compileTransforms(listed: readonly TextTransformation[] | undefined): Transform {
  const ordered = [...(listed ?? [])].sort((one, other) => (one.Priority ?? 0) - (other.Priority ?? 0));
  const steps = ordered.map(({ Type = '' }) => {
    const step = Object.hasOwn(TRANSFORMS, Type) ? TRANSFORMS[Type] : undefined;
    if (step === undefined) throw new Error(`text transformation ${Type}: not supported by gatehouse`);
    return step;
  });
  return (text) => steps.reduce((value, step) => step(value), text);
}
