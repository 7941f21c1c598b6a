import { JavaException } from '../java/value.ts';

/**
 * Apache Commons' escapeEcmaScript, which AWS's `$util.escapeJavaScript` is: quotes of both kinds, backslash and
 * slash get a backslash, control and non-ASCII characters a `\u`. AWS's page tells of the `\'` that this makes.
 */
export function escapeJavaScript(text: string): string {
  const slashed = text.replace(/['"\\/]/g, '\\$&');
  return UNPRINTABLE.test(slashed)
    ? slashed.replace(EACH_UNPRINTABLE, (char) => SHORT.get(char) ?? unicode(char))
    : slashed;
}

const UNPRINTABLE = /[^\x20-\x7e]/;
const EACH_UNPRINTABLE = /[^\x20-\x7e]/g;

const SHORT: ReadonlyMap<string, string> = new Map([
  ['\b', '\\b'],
  ['\n', '\\n'],
  ['\t', '\\t'],
  ['\f', '\\f'],
  ['\r', '\\r'],
]);

const unicode = (char: string): string =>
  `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;

/** java.net.URLEncoder: as forms are sent, a blank is a plus. */
export const urlEncode = (text: string): string =>
  encodeURIComponent(text.replace(LONE_SURROGATE, '?'))
    .replace(/[!'()~]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');

/** java.net.URLDecoder; bytes that are no UTF-8 become the replacement character. */
export function urlDecode(text: string): string {
  if (/%(?![0-9a-fA-F]{2})/.test(text))
    throw new JavaException(
      'IllegalArgumentException',
      'URLDecoder: Illegal hex characters in escape (%) pattern',
    );
  return text
    .replaceAll('+', ' ')
    .replace(/(?:%[0-9a-fA-F]{2})+/g, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString());
}

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
