/**
 * `{{resolve:ssm:name:version}}`, `{{resolve:ssm-secure:...}}`, `{{resolve:secretsmanager:id:SecretString:key:stage:version}}`:
 * fetched just before a resource is made or changed, and never stored.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html
 */
import { Fault } from '../base/fault.ts';
import { invalid } from './invalid.ts';
import { isObject, type Json } from './template.ts';

/** Calls an operation as the stack's caller. */
export type CallService = (service: string, operation: string, input: object) => Promise<unknown>;

const REFERENCE = /\{\{resolve:([\w-]+):([^}]*)\}\}/g;

export async function resolveDynamicReferences(value: Json, call: CallService): Promise<Json> {
  if (typeof value === 'string') return value.includes('{{resolve:') ? resolveText(value, call) : value;
  if (Array.isArray(value)) return Promise.all(value.map((item) => resolveDynamicReferences(item, call)));
  if (!isObject(value)) return value;
  const members = await Promise.all(
    Object.entries(value).map(
      async ([key, member]) => [key, await resolveDynamicReferences(member, call)] as const,
    ),
  );
  return Object.fromEntries(members);
}

async function resolveText(text: string, call: CallService): Promise<string> {
  let resolved = '';
  let end = 0;
  for (const match of text.matchAll(REFERENCE)) {
    const [whole, service = '', rest = ''] = match;
    resolved += text.slice(end, match.index) + (await fetchReference(service, rest, call));
    end = match.index + whole.length;
  }
  return resolved + text.slice(end);
}

async function fetchReference(service: string, rest: string, call: CallService): Promise<string> {
  switch (service) {
    case 'ssm':
    case 'ssm-secure':
      return fetchParameter(rest, service === 'ssm-secure', call);
    case 'secretsmanager':
      return fetchSecret(rest, call);
    default:
      throw invalid(`Template error: {{resolve:${service}:...}}: not supported by gatehouse`);
  }
}

async function fetchParameter(rest: string, secure: boolean, call: CallService): Promise<string> {
  const [, name = rest, version] = /^(.*?)(?::(\d+))?$/.exec(rest) ?? [];
  const input = { Name: version === undefined ? name : `${name}:${version}`, WithDecryption: secure };
  const output = await call('ssm', 'GetParameter', input);
  const parameter = memberOf(output, 'Parameter');
  if (memberOf(parameter, 'Type') === 'SecureString' && !secure)
    throw invalid(`Non-secure ssm prefix was used for secure parameter: ${name}`);
  return String(memberOf(parameter, 'Value'));
}

async function fetchSecret(rest: string, call: CallService): Promise<string> {
  const parts = rest.split(':');
  const id = parts.splice(0, rest.startsWith('arn:') ? 7 : 1).join(':');
  const [form, key, stage, version] = parts;
  if (form !== undefined && form !== '' && form !== 'SecretString')
    throw invalid(`Template error: {{resolve:secretsmanager:${id}:${form}}}: only SecretString is supported`);
  const output = await call('secretsmanager', 'GetSecretValue', {
    SecretId: id,
    ...(stage && { VersionStage: stage }),
    ...(version && { VersionId: version }),
  });
  const secret = String(memberOf(output, 'SecretString'));
  return key ? secretMember(id, secret, key) : secret;
}

function secretMember(id: string, secret: string, key: string): string {
  const value: unknown = memberOf(parse(id, secret), key);
  if (value === undefined) throw invalid(`Could not find a value associated with JSONKey in SecretString`);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parse(id: string, secret: string): unknown {
  try {
    return JSON.parse(secret);
  } catch {
    throw new Fault('ValidationError', `Could not parse SecretString JSON of ${id}`, { status: 400 });
  }
}

const memberOf = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
