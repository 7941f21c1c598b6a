/**
 * Step 4: parameters. Values given, kept from before or by default, checked against the template's constraints.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
 */
import { limits } from '../base/limits.ts';
import type { GivenParameter, StackParameter, TemplateParameter } from '../base/stack-engine.ts';
import { invalid } from './invalid.ts';
import { type JsonObject, lineOf, type Locate, type Template } from './template.ts';

/** Looks up `AWS::SSM::Parameter::Value` names: value and type (`String`, `StringList`) by name. */
export type FetchSsmParameters = (
  names: readonly string[],
) => Promise<Readonly<Record<string, { readonly value: string; readonly type: string }>>>;

export function declaredParameters(template: Template): TemplateParameter[] {
  return Object.entries(template.Parameters ?? {}).map(([key, parameter]) => ({
    key,
    type: String(parameter.Type),
    noEcho: parameter.NoEcho === true || parameter.NoEcho === 'true',
    ...(parameter.Default !== undefined && { defaultValue: scalarText(parameter.Default) }),
    ...(parameter.Description !== undefined && { description: String(parameter.Description) }),
    ...(Array.isArray(parameter.AllowedValues) && { allowedValues: parameter.AllowedValues.map(scalarText) }),
  }));
}

export interface ParametersRequest {
  readonly template: Template;
  readonly locate: Locate;
  readonly given: readonly GivenParameter[];
  readonly previous: readonly StackParameter[];
  readonly fetchSsm: FetchSsmParameters;
}

export async function settleParameters(request: ParametersRequest): Promise<StackParameter[]> {
  const declared = request.template.Parameters ?? {};
  checkDeclarations(declared);
  const undeclared = request.given.filter(({ key }) => declared[key] === undefined).map(({ key }) => key);
  if (undeclared.length > 0)
    throw invalid(`Parameters: [${undeclared.join(', ')}] do not exist in the template`);
  const values = Object.keys(declared).map((key) => ({
    key,
    value: valueOf(key, declared[key] ?? {}, request),
  }));
  const missing = values.filter(({ value }) => value === undefined).map(({ key }) => key);
  if (missing.length > 0) {
    const place = lineOf(request.locate, ['Parameters', missing[0] ?? '']);
    throw invalid(`Parameters: [${missing.join(', ')}] must have values${place}`);
  }
  const settled = values.map(({ key, value = '' }) => settle(key, value, declared[key] ?? {}));
  return resolveSsm(settled, request.fetchSsm);
}

function valueOf(key: string, declaration: JsonObject, request: ParametersRequest): string | undefined {
  const given = request.given.find((one) => one.key === key);
  if (given?.usePrevious) {
    const before = request.previous.find((one) => one.key === key);
    if (before) return before.value;
    if (declaration.Default === undefined) throw invalid(`Parameter '${key}' has no previous value to use.`);
  }
  if (given?.value !== undefined) return given.value;
  return declaration.Default === undefined ? undefined : scalarText(declaration.Default);
}

const TYPES =
  /^(String|Number|List<Number>|CommaDelimitedList|(List<)?AWS::(EC2::(AvailabilityZone::Name|Image::Id|Instance::Id|KeyPair::KeyName|SecurityGroup::GroupName|SecurityGroup::Id|Subnet::Id|Volume::Id|VPC::Id)|Route53::HostedZone::Id)>?|AWS::SSM::Parameter::Name|AWS::SSM::Parameter::Value<.+>)$/;

function checkDeclarations(declared: Record<string, JsonObject>): void {
  for (const [key, declaration] of Object.entries(declared)) {
    if (!/^[A-Za-z0-9]+$/.test(key))
      throw invalid(`Template format error: Parameter name ${key} is non alphanumeric.`);
    if (typeof declaration?.Type !== 'string')
      throw invalid('Template format error: Every Parameters object must contain a Type member.');
    if (!TYPES.test(declaration.Type))
      throw invalid(`Template format error: Unrecognized parameter type: ${declaration.Type}`);
    if (declaration.Default !== null && typeof declaration.Default === 'object')
      throw invalid('Template format error: Every Default member must be a string.');
  }
}

function settle(key: string, value: string, declaration: JsonObject): StackParameter {
  const type = String(declaration.Type);
  if (Buffer.byteLength(value) > limits.stackParameterBytes)
    throw invalid(`Parameter '${key}' must contain at most ${limits.stackParameterBytes} bytes`);
  const items = type === 'CommaDelimitedList' || type.startsWith('List<') ? listItems(value) : [value];
  for (const item of items) checkValue(key, item, declaration);
  return { key, value, type, noEcho: declaration.NoEcho === true || declaration.NoEcho === 'true' };
}

/** One check a constraint: what is wrong in AWS's words, or undefined. */
const CHECKS: readonly ((value: string, declaration: JsonObject) => string | undefined)[] = [
  (value, { Type }) =>
    (Type === 'Number' || Type === 'List<Number>') && (value.trim() === '' || Number.isNaN(Number(value)))
      ? 'must be a number'
      : undefined,
  (value, { AllowedValues }) =>
    Array.isArray(AllowedValues) && !AllowedValues.map(scalarText).includes(value)
      ? 'must be one of AllowedValues'
      : undefined,
  (value, { AllowedPattern }) =>
    AllowedPattern !== undefined && !patternOf(String(AllowedPattern)).test(value)
      ? `must match pattern ${AllowedPattern}`
      : undefined,
  (value, { MinLength }) =>
    MinLength !== undefined && value.length < Number(MinLength)
      ? `must contain at least ${MinLength} characters`
      : undefined,
  (value, { MaxLength }) =>
    MaxLength !== undefined && value.length > Number(MaxLength)
      ? `must contain at most ${MaxLength} characters`
      : undefined,
  (value, { MinValue }) =>
    MinValue !== undefined && Number(value) < Number(MinValue)
      ? `must be a number not less than ${MinValue}`
      : undefined,
  (value, { MaxValue }) =>
    MaxValue !== undefined && Number(value) > Number(MaxValue)
      ? `must be a number not greater than ${MaxValue}`
      : undefined,
];

function checkValue(key: string, value: string, declaration: JsonObject): void {
  for (const check of CHECKS) {
    const wrong = check(value, declaration);
    if (wrong === undefined) continue;
    const described = declaration.ConstraintDescription;
    throw invalid(
      typeof described === 'string' && wrong !== 'must be a number'
        ? `Parameter '${key}' failed to satisfy constraint: ${described}`
        : `Parameter '${key}' ${wrong}`,
    );
  }
}

/** The whole value must match. Java's inline flag for case is the only one JavaScript does not read. */
function patternOf(pattern: string): RegExp {
  const [, flag, rest] = /^(\(\?i\))?([^]*)$/.exec(pattern) ?? [];
  try {
    return new RegExp(`^(?:${rest})$`, flag ? 'i' : '');
  } catch {
    throw invalid(`Template format error: AllowedPattern '${pattern}' is not a valid pattern.`);
  }
}

async function resolveSsm(
  parameters: StackParameter[],
  fetchSsm: FetchSsmParameters,
): Promise<StackParameter[]> {
  const asked = parameters.filter(({ type }) => type.startsWith('AWS::SSM::Parameter::Value<'));
  if (asked.length === 0) return parameters;
  const found = await fetchSsm([...new Set(asked.map(({ value }) => value))]);
  const absent = asked.filter(({ value }) => found[value] === undefined).map(({ value }) => value);
  if (absent.length > 0)
    throw invalid(`Unable to fetch parameters [${absent.join(',')}] from parameter store for this account.`);
  const secret = asked.filter(({ value }) => found[value]?.type === 'SecureString').map(({ value }) => value);
  if (secret.length > 0)
    throw invalid(
      `Parameters [${secret.join(',')}] referenced by template have types not supported by CloudFormation.`,
    );
  return parameters.map((parameter) =>
    asked.includes(parameter) ? { ...parameter, resolved: found[parameter.value]?.value ?? '' } : parameter,
  );
}

/** What `Ref` gives: text, or a list for list types. */
export function parameterValue({ type, value, resolved }: StackParameter): string | string[] {
  const inner = /^AWS::SSM::Parameter::Value<(.+)>$/.exec(type)?.[1] ?? type;
  const text = resolved ?? value;
  return inner === 'CommaDelimitedList' || inner.startsWith('List<') ? listItems(text) : text;
}

const listItems = (value: string): string[] =>
  value === '' ? [] : value.split(',').map((item) => item.trim());

const scalarText = (value: unknown): string => (value === null ? '' : String(value));
