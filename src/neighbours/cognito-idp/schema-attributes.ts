/**
 * The attributes a user may have.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-attributes.html
 */
import type { AttributeType, SchemaAttributeType } from '@aws-sdk/client-cognito-identity-provider';
import { limits } from '../../base/limits.ts';
import { invalidParameter, notAuthorized } from './fault.ts';

const TEXTS = [
  'profile',
  'address',
  'birthdate',
  'gender',
  'preferred_username',
  'website',
  'picture',
  'phone_number',
  'zoneinfo',
  'locale',
  'email',
  'given_name',
  'family_name',
  'middle_name',
  'name',
  'nickname',
];

const text = (Name: string, min = '0', max = '2048'): SchemaAttributeType => ({
  Name,
  AttributeDataType: 'String',
  DeveloperOnlyAttribute: false,
  Mutable: true,
  Required: false,
  StringAttributeConstraints: { MinLength: min, MaxLength: max },
});

const flag = (Name: string): SchemaAttributeType => ({
  Name,
  AttributeDataType: 'Boolean',
  DeveloperOnlyAttribute: false,
  Mutable: true,
  Required: false,
});

const STANDARD: readonly SchemaAttributeType[] = [
  ...TEXTS.map((name) => (name === 'birthdate' ? text(name, '10', '10') : text(name))),
  { ...text('sub', '1'), Mutable: false, Required: true },
  flag('email_verified'),
  flag('phone_number_verified'),
  {
    Name: 'updated_at',
    AttributeDataType: 'Number',
    DeveloperOnlyAttribute: false,
    Mutable: true,
    Required: false,
    NumberAttributeConstraints: { MinValue: '0' },
  },
];

const STANDARD_NAMES: readonly string[] = STANDARD.map(({ Name }) => Name ?? '');

/** The standard attributes with what the pool says of them, then its own. Throws InvalidParameterException. */
export function schemaOf(given: readonly SchemaAttributeType[] = []): SchemaAttributeType[] {
  const standard = STANDARD.map((attribute) => {
    const said = given.find(({ Name }) => Name === attribute.Name);
    return said === undefined ? attribute : overlay(attribute, said);
  });
  const own = given.filter(({ Name }) => !STANDARD_NAMES.includes(Name ?? ''));
  return addCustom(standard, own);
}

function overlay(standard: SchemaAttributeType, said: SchemaAttributeType): SchemaAttributeType {
  if (said.AttributeDataType !== undefined && said.AttributeDataType !== standard.AttributeDataType)
    throw invalidParameter(
      `Invalid AttributeDataType for attribute ${standard.Name}: must be ${standard.AttributeDataType}`,
    );
  return {
    ...standard,
    ...(said.Mutable !== undefined && { Mutable: said.Mutable }),
    ...(said.Required !== undefined && { Required: said.Required }),
    ...(said.StringAttributeConstraints && {
      StringAttributeConstraints: {
        ...standard.StringAttributeConstraints,
        ...said.StringAttributeConstraints,
      },
    }),
    ...(said.NumberAttributeConstraints && { NumberAttributeConstraints: said.NumberAttributeConstraints }),
  };
}

export function addCustom(
  schema: readonly SchemaAttributeType[],
  own: readonly SchemaAttributeType[],
): SchemaAttributeType[] {
  const all = [...schema];
  for (const attribute of own) {
    const made = customAttribute(attribute);
    if (all.some(({ Name }) => Name === made.Name))
      throw invalidParameter(`${made.Name}: Existing attribute already has name ${made.Name}.`);
    all.push(made);
  }
  if (all.length - STANDARD.length > limits.cognitoCustomAttributes)
    throw invalidParameter(
      `Number of custom attributes exceeds the limit of ${limits.cognitoCustomAttributes}.`,
    );
  return all;
}

function customAttribute(said: SchemaAttributeType): SchemaAttributeType {
  const { Name = '', AttributeDataType = 'String', DeveloperOnlyAttribute = false } = said;
  if (Name === '') throw invalidParameter('Name is required for custom attributes.');
  if (said.Required)
    throw invalidParameter(
      `Required custom attributes are not supported currently. Set Required to false for attribute ${Name}.`,
    );
  const bare = Name.replace(/^custom:/, '');
  return {
    Name: DeveloperOnlyAttribute ? `dev:custom:${bare}` : `custom:${bare}`,
    AttributeDataType,
    DeveloperOnlyAttribute,
    Mutable: said.Mutable ?? true,
    Required: false,
    ...(AttributeDataType === 'String' && {
      StringAttributeConstraints: said.StringAttributeConstraints ?? {},
    }),
    ...(AttributeDataType === 'Number' && {
      NumberAttributeConstraints: said.NumberAttributeConstraints ?? {},
    }),
  };
}

export type Attributes = Readonly<Record<string, string>>;

export const attributesOf = (given: readonly AttributeType[] | undefined): Record<string, string> =>
  Object.fromEntries((given ?? []).map(({ Name = '', Value = '' }) => [Name, Value]));

export const attributeList = (attributes: Attributes): AttributeType[] =>
  Object.entries(attributes).map(([Name, Value]) => ({ Name, Value }));

const EMAIL = /^[^\s@]+@[^\s@]+\.[^\s@.]+$/;
const PHONE = /^\+[1-9]\d{1,14}$/;

export const isEmail = (value: string): boolean => value.length <= 2048 && EMAIL.test(value);
export const isPhone = (value: string): boolean => PHONE.test(value);

/** Each value by its type and limits. Throws InvalidParameterException as AWS words it. */
export function checkValues(schema: readonly SchemaAttributeType[], attributes: Attributes): void {
  const problems: string[] = [];
  for (const [name, value] of Object.entries(attributes)) {
    const attribute = schema.find(({ Name }) => Name === name);
    if (attribute === undefined) problems.push(`Type for attribute {${name}} could not be determined`);
    else problems.push(...problemsOf(attribute, value).map((problem) => `${name}: ${problem}`));
  }
  if (problems.length > 0) throw unschematic(problems);
  if (attributes['email'] && !isEmail(attributes['email']))
    throw invalidParameter('Invalid email address format.');
  if (attributes['phone_number'] && !isPhone(attributes['phone_number']))
    throw invalidParameter('Invalid phone number format.');
}

const unschematic = (problems: readonly string[]) =>
  invalidParameter(`Attributes did not conform to the schema: ${problems.map((one) => `${one}\n`).join('')}`);

export function checkRequired(schema: readonly SchemaAttributeType[], attributes: Attributes): void {
  const missing = schema
    .filter(({ Required, Name = '' }) => Required && Name !== 'sub' && !attributes[Name])
    .map(({ Name }) => `${Name}: The attribute is required`);
  if (missing.length > 0) throw unschematic(missing);
}

function problemsOf(attribute: SchemaAttributeType, value: string): string[] {
  switch (attribute.AttributeDataType) {
    case 'Boolean':
      return /^(true|false)$/i.test(value) ? [] : ['Attribute value must be true or false'];
    case 'DateTime':
      return Number.isNaN(Date.parse(value)) && !/^\d+$/.test(value)
        ? ['Attribute value must be a date']
        : [];
    case 'Number': {
      if (!/^-?\d+(\.\d+)?$/.test(value)) return ['Attribute value must be a number'];
      const { MinValue, MaxValue } = attribute.NumberAttributeConstraints ?? {};
      if (MinValue !== undefined && Number(value) < Number(MinValue))
        return [`Number must not be less than ${MinValue}`];
      if (MaxValue !== undefined && Number(value) > Number(MaxValue))
        return [`Number must not be greater than ${MaxValue}`];
      return [];
    }
    default: {
      const { MinLength, MaxLength = '2048' } = attribute.StringAttributeConstraints ?? {};
      if (MinLength !== undefined && value.length < Number(MinLength))
        return [`String must be longer than ${MinLength} characters`];
      return value.length > Number(MaxLength) ? [`String must be shorter than ${MaxLength} characters`] : [];
    }
  }
}

/** What is set once is never changed. */
export function checkMutable(schema: readonly SchemaAttributeType[], changed: readonly string[]): void {
  for (const name of changed) {
    const attribute = schema.find(({ Name }) => Name === name);
    if (attribute?.Mutable === false) throw invalidParameter(`user.${name}: Attribute cannot be updated.\n`);
  }
}

/** What a client that names no attributes may write: everything but what verification decides. */
export function checkWritable(writable: readonly string[] | undefined, names: readonly string[]): void {
  const own = names.filter((name) => name.startsWith('dev:') || name === 'sub' || name.endsWith('_verified'));
  const denied = writable === undefined ? own : names.filter((name) => !writable.includes(name));
  if (denied.length > 0 || own.length > 0)
    throw notAuthorized('A client attempted to write unauthorized attribute');
}
