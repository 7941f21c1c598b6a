/** Takes secrets out of what is shown: by the names they go by, and wherever their values turn up again. */
import type { Observation } from '../base/observation.ts';

export const MASK = '******';

const SECRET_NAME =
  /authorization|cookie|token|secret|passw|pwd|api[-_]?key(?!s?[-_]?id)|signature|credential|client[-_]?context|private[-_]?key|(?:^|[-_])auth(?:$|[-_])/i;

export const isSecretName = (name: string): boolean => SECRET_NAME.test(name);

export interface Mask {
  /** A text with every secret replaced. */
  text(text: string): string;
  /** The value of a header, parameter or member of that name. */
  named(name: string, value: string): string;
}

/** Everything secret that this request carried in is recognised in everything that was made of it. */
export function maskOf(observation: Observation): Mask {
  const secrets = [...new Set(secretsOf(observation).flatMap(spellings))].toSorted(
    (a, b) => b.length - a.length,
  );
  const text = (whole: string): string => {
    let shown = whole;
    for (const secret of secrets) if (shown.includes(secret)) shown = shown.replaceAll(secret, MASK);
    return maskMembers(withoutBegunSecret(shown, secrets));
  };
  return { text, named: (name, value) => (isSecretName(name) ? MASK : text(value)) };
}

/** Shorter values are words that would be masked all over a text; where their name says so they are masked anyway. */
const LEAST_LENGTH = 8;

function secretsOf({ rawHeaders, trail }: Observation): string[] {
  const found: string[] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const [name = '', value = ''] = [rawHeaders[at], rawHeaders[at + 1]];
    if (!isSecretName(name)) continue;
    found.push(value, value.slice(value.indexOf(' ') + 1));
    for (const cookie of value.split(/;\s*/)) found.push(cookie.slice(cookie.indexOf('=') + 1));
  }
  for (const pair of (trail?.rawQuery ?? '').split('&')) {
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    if (isSecretName(decoded(name))) found.push(value, decoded(value));
  }
  const key = apiKeyOf(trail?.identity);
  if (key !== undefined) found.push(key);
  return found.filter((value) => value.length >= LEAST_LENGTH);
}

function apiKeyOf(identity: unknown): string | undefined {
  if (typeof identity !== 'object' || identity === null || !('apiKey' in identity)) return undefined;
  const { apiKey } = identity;
  if (typeof apiKey !== 'object' || apiKey === null || !('value' in apiKey)) return undefined;
  return typeof apiKey.value === 'string' ? apiKey.value : undefined;
}

/** As it stands in a header, inside JSON, and in a URL. */
const spellings = (secret: string): string[] => [
  secret,
  JSON.stringify(secret).slice(1, -1),
  // Header values are latin1 text: every code unit can be encoded.
  encodeURIComponent(Buffer.from(secret).toString()),
];

/** A text that was cut may end inside of a secret. */
function withoutBegunSecret(text: string, secrets: readonly string[]): string {
  for (const secret of secrets)
    for (let length = Math.min(secret.length - 1, text.length); length >= 4; length--)
      if (text.endsWith(secret.slice(0, length))) return text.slice(0, -length) + MASK;
  return text;
}

const JSON_MEMBER = /"((?:[^"\\]|\\.)*)"(\s*:\s*)("(?:[^"\\]|\\.)*"?|\[[^\]]*\]?|[^\s,{}[\]"]+)/g;
/** JSON inside of a JSON string, as in an event's `body`. */
const ESCAPED_MEMBER = /(\\+")([^"\\]*)\1(\s*:\s*)\1(.*?)(?:\1|$)/g;
const PARAMETER = /(^|[?&;\s"])([\w.%[\]-]+)=([^&;\s"\\]*)/g;

/** Members and parameters whose names say that they are secret. */
function maskMembers(text: string): string {
  return text
    .replace(ESCAPED_MEMBER, (whole, quote: string, name: string, colon: string) =>
      isSecretName(name) ? `${quote}${name}${quote}${colon}${quote}${MASK}${quote}` : whole,
    )
    .replace(JSON_MEMBER, (whole, name: string, colon: string) =>
      isSecretName(name) ? `"${name}"${colon}"${MASK}"` : whole,
    )
    .replace(PARAMETER, (whole, before: string, name: string) =>
      isSecretName(name) ? `${before}${name}=${MASK}` : whole,
    );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}
