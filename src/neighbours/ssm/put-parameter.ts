/** PutParameter: https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html */
import type { PutParameterRequest, PutParameterResult } from '@aws-sdk/client-ssm';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { closeEnvelope, keyCaller } from '../kit/envelope.ts';
import {
  isExpired,
  parameterArn,
  type ParameterRow,
  parameters,
  plainName,
  removeParameter,
  type Tier,
  versionKey,
  versionPrefix,
  type VersionRow,
  versions,
} from './parameter-row.ts';
import { tagsOf } from './tags.ts';

const invalid = (message: string): Fault => new Fault('ValidationException', message);
const DEFAULT_KEY = 'alias/aws/ssm';

export const putOperations = ({ store, now, call: kms }: ServicePorts) => ({
  async PutParameter(input: PutParameterRequest, call: Call): Promise<PutParameterResult> {
    const { scope, caller } = call;
    const name = checkName(input.Name ?? '');
    const value = input.Value ?? '';
    const before = await store.get(parameters, scope, name);
    const known = before && !isExpired(before, now()) ? before : undefined;
    const type = input.Type ?? known?.current.type;
    if (type === undefined) throw invalid('A parameter type is required when you create a parameter.');
    const tier = tierOf(input, value);
    checkValue(input, value, known?.current.allowedPattern);
    const { expiresMs } = policiesOf(input.Policies, tier);
    const keyId = input.KeyId ?? known?.current.keyId ?? DEFAULT_KEY;
    const context = { PARAMETER_ARN: parameterArn(scope, name) };
    const held =
      type === 'SecureString'
        ? {
            sealed: await closeEnvelope(
              { call: kms, scope, caller: keyCaller(caller, scope, keyId, 'ssm.amazonaws.com'), context },
              keyId,
              new TextEncoder().encode(value),
            ),
            keyId,
          }
        : { text: value };
    const tags = tagsOf(input.Tags);
    if (input.Overwrite && input.Tags?.length)
      throw invalid(
        "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
      );
    const version = await store.transaction(async (rows) => {
      let current = await rows.get(parameters, scope, name);
      if (current && isExpired(current, now())) {
        await removeParameter(rows, scope, name);
        current = undefined;
      }
      if (current && !input.Overwrite)
        throw new Fault(
          'ParameterAlreadyExists',
          'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
        );
      if (current && input.Type !== undefined && input.Type !== current.current.type)
        throw new Fault(
          'HierarchyTypeMismatchException',
          "Parameter Store doesn't support changing a parameter type in a hierarchy.",
        );
      if (!current && (await rows.list(parameters, scope)).length >= limits.ssmParameters)
        throw new Fault(
          'ParameterLimitExceeded',
          'You have exceeded the number of parameters for this AWS account.',
        );
      const row: VersionRow = {
        ...held,
        version: (current?.current.version ?? 0) + 1,
        type,
        dataType: input.DataType ?? current?.current.dataType ?? 'text',
        ...pick('description', input.Description ?? current?.current.description),
        ...pick('allowedPattern', input.AllowedPattern ?? current?.current.allowedPattern),
        tier,
        ...pick('policies', input.Policies),
        ...pick('expiresMs', expiresMs),
        labels: [],
        modifiedMs: now(),
        modifiedBy: caller.arn,
      };
      const whole: ParameterRow = { name, current: row, tags: current?.tags ?? tags };
      await rows.put(parameters, scope, name, whole);
      await rows.put(versions, scope, versionKey(name, row.version), row);
      const all = await rows.list(versions, scope, { prefix: versionPrefix(name) });
      const [oldest] = all;
      if (all.length > limits.ssmVersions && oldest) {
        if (oldest.row.labels.length > 0)
          throw new Fault(
            'ParameterMaxVersionLimitExceeded',
            `You attempted to create a new version of ${name} by calling the PutParameter API with the overwrite flag. Version ${oldest.row.version}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.`,
          );
        await rows.delete(versions, scope, oldest.key);
      }
      return row.version;
    });
    return { Version: version, Tier: tier };
  },
});

const pick = <Name extends string, T>(name: Name, value: T | undefined): { [K in Name]?: T } =>
  value === undefined ? {} : ({ [name]: value } as { [K in Name]?: T }); // one member, of that name

function checkName(given: string): string {
  const name = plainName(given);
  if (/^\/?(aws|ssm)/i.test(name))
    throw invalid(
      'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_',
    );
  if (!/^[\w.\-/]+$/.test(name) || name.includes('//') || (name.length > 1 && name.endsWith('/')))
    throw invalid(
      'Parameter name must be a fully qualified name: only a mix of letters, numbers and the following 3 symbols .-_ are allowed, in sub-paths divided by slash symbol.',
    );
  if (name.includes('/') && !name.startsWith('/'))
    throw invalid('Parameter name must be a fully qualified name.');
  if (name.split('/').length - 1 > limits.ssmHierarchy)
    throw new Fault('HierarchyLevelLimitExceededException', 'A hierarchy can have a maximum of 15 levels.');
  return name;
}

function tierOf({ Tier: wanted, Policies: policies }: PutParameterRequest, value: string): Tier {
  const bytes = Buffer.byteLength(value);
  const needs = bytes > limits.ssmStandardBytes || (policies !== undefined && policies !== '[]');
  const tier = wanted === 'Advanced' || (wanted === 'Intelligent-Tiering' && needs) ? 'Advanced' : 'Standard';
  const most = tier === 'Advanced' ? limits.ssmAdvancedBytes : limits.ssmStandardBytes;
  if (bytes <= most) return tier;
  throw invalid(
    tier === 'Standard'
      ? 'Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html'
      : "Parameter value can't be more than 8192 characters.",
  );
}

function checkValue(input: PutParameterRequest, value: string, before: string | undefined): void {
  if (/\{\{.*\}\}/.test(value)) throw invalid("Parameter value can't nest another parameter.");
  if (
    input.DataType !== undefined &&
    !['text', 'aws:ec2:image', 'aws:ssm:integration'].includes(input.DataType)
  )
    throw invalid(
      'The following data type is not supported: ' + input.DataType + ' (Data type names are all lowercase.)',
    );
  const pattern = input.AllowedPattern ?? before;
  if (pattern === undefined) return;
  let regex: RegExp;
  try {
    regex = new RegExp(`^(?:${pattern})$`);
  } catch {
    throw new Fault(
      'InvalidAllowedPatternException',
      "The request doesn't meet the regular expression requirement.",
    );
  }
  if (!regex.test(value))
    throw new Fault(
      'ParameterPatternMismatchException',
      `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
    );
}

/** Expirations are kept; notifications of them are refused by name. */
function policiesOf(text: string | undefined, tier: Tier): { readonly expiresMs?: number } {
  if (text === undefined || text === '' || text === '[]') return {};
  if (tier === 'Standard') throw invalid('Policies are only supported for advanced parameters.');
  const list = parse(text);
  let expiresMs: number | undefined;
  for (const policy of list) {
    if (policy.Type !== 'Expiration')
      throw new Fault(
        'InvalidPolicyTypeException',
        `Parameter policies of type ${policy.Type}: not supported by gatehouse`,
      );
    expiresMs = Date.parse(policy.Attributes?.Timestamp ?? '');
    if (!Number.isFinite(expiresMs))
      throw new Fault(
        'InvalidPolicyAttributeException',
        'The Timestamp of an Expiration policy must be a date.',
      );
  }
  return expiresMs === undefined ? {} : { expiresMs };
}

interface Policy {
  readonly Type?: string;
  readonly Attributes?: { readonly Timestamp?: string };
}

function parse(text: string): readonly Policy[] {
  try {
    const value: unknown = JSON.parse(text);
    if (Array.isArray(value)) return value as readonly Policy[]; // each member is looked at with care
  } catch {
    // Told below.
  }
  throw new Fault('InvalidPolicyAttributeException', 'Policies must be a JSON list.');
}
