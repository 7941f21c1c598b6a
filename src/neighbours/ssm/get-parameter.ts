/** Reading parameters: by name, version or label, by path, with their history. */
import type {
  GetParameterHistoryRequest,
  GetParameterHistoryResult,
  GetParameterRequest,
  GetParameterResult,
  GetParametersByPathRequest,
  GetParametersByPathResult,
  GetParametersRequest,
  GetParametersResult,
  Parameter,
  ParameterHistory,
  ParameterStringFilter,
} from '@aws-sdk/client-ssm';
import { Fault, isFault } from '../../base/fault.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { keyCaller, openEnvelope } from '../kit/envelope.ts';
import {
  findParameter,
  isExpired,
  notFound,
  parameterArn,
  type ParameterRow,
  parameters,
  plainName,
  versionKey,
  versionPrefix,
  type VersionRow,
  versions,
} from './parameter-row.ts';
import { matchesFilters } from './filters.ts';

const SSM = 'ssm.amazonaws.com';

export const getOperations = (ports: ServicePorts) => {
  const { store, now } = ports;

  /** `name`, `name:3` or `name:label`. */
  async function select(
    call: Call,
    text: string,
  ): Promise<{ row: ParameterRow; version: VersionRow; selector?: string }> {
    const full = plainName(text);
    const colon = full.lastIndexOf(':');
    const [name, selector] = colon === -1 ? [full, undefined] : [full.slice(0, colon), full.slice(colon + 1)];
    const row = await findParameter(store, call.scope, name, now());
    if (selector === undefined) return { row, version: row.current };
    if (/^\d+$/.test(selector)) {
      const version = await store.get(versions, call.scope, versionKey(name, Number(selector)));
      if (version) return { row, version, selector };
    } else {
      const all = await store.list(versions, call.scope, { prefix: versionPrefix(name) });
      const found = all.find(({ row: each }) => each.labels.includes(selector));
      if (found) return { row, version: found.row, selector };
    }
    throw new Fault(
      'ParameterVersionNotFound',
      `Systems Manager could not find version ${selector} of ${name}. Verify the version and try again.`,
    );
  }

  async function valueOf(
    call: Call,
    name: string,
    version: VersionRow,
    decrypt: boolean | undefined,
  ): Promise<string> {
    if (version.sealed === undefined) return version.text ?? '';
    // Undecrypted, AWS shows the ciphertext.
    if (!decrypt) return version.sealed.wrappedKey + version.sealed.data;
    const context = { PARAMETER_ARN: parameterArn(call.scope, name) };
    const { scope, caller } = call;
    const kms = {
      call: ports.call,
      scope,
      caller: keyCaller(caller, scope, version.keyId ?? '', SSM),
      context,
    };
    return (await openEnvelope(kms, version.sealed)).toString();
  }

  const show = async (
    call: Call,
    { row, version, selector }: { row: ParameterRow; version: VersionRow; selector?: string },
    decrypt: boolean | undefined,
  ): Promise<Parameter> => ({
    Name: row.name,
    Type: version.type,
    Value: await valueOf(call, row.name, version, decrypt),
    Version: version.version,
    ...(selector === undefined ? {} : { Selector: `:${selector}` }),
    LastModifiedDate: new Date(version.modifiedMs),
    ARN: parameterArn(call.scope, row.name),
    DataType: version.dataType,
  });

  return {
    async GetParameter(input: GetParameterRequest, call: Call): Promise<GetParameterResult> {
      return { Parameter: await show(call, await select(call, input.Name ?? ''), input.WithDecryption) };
    },

    async GetParameters(input: GetParametersRequest, call: Call): Promise<GetParametersResult> {
      const Parameters: Parameter[] = [];
      const InvalidParameters: string[] = [];
      for (const name of new Set(input.Names ?? [])) {
        try {
          Parameters.push(await show(call, await select(call, name), input.WithDecryption));
        } catch (thrown) {
          if (!isFault(thrown) || !/^Parameter(Version)?NotFound$/.test(thrown.code)) throw thrown;
          InvalidParameters.push(name);
        }
      }
      return { Parameters, InvalidParameters };
    },

    async GetParametersByPath(
      input: GetParametersByPathRequest,
      call: Call,
    ): Promise<GetParametersByPathResult> {
      const path = input.Path ?? '/';
      if (!path.startsWith('/'))
        throw new Fault(
          'ValidationException',
          'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can\'t be prefixed with \\"aws\\" or \\"ssm\\" (case-insensitive).',
        );
      const prefix = path.endsWith('/') ? path : `${path}/`;
      const after =
        input.NextToken === undefined ? {} : { after: Buffer.from(input.NextToken, 'base64').toString() };
      const found = await store.list(parameters, call.scope, { prefix, ...after });
      const wanted = found.filter(
        ({ row }) =>
          !isExpired(row, now()) &&
          (input.Recursive || !row.name.slice(prefix.length).includes('/')) &&
          matchesFilters(row, input.ParameterFilters as ParameterStringFilter[] | undefined), // the same members
      );
      const page = wanted.slice(0, input.MaxResults ?? 10);
      const last = page.at(-1);
      const Parameters: Parameter[] = [];
      for (const { row } of page)
        Parameters.push(await show(call, { row, version: row.current }, input.WithDecryption));
      return {
        Parameters,
        ...(wanted.length > page.length && last
          ? { NextToken: Buffer.from(last.key).toString('base64') }
          : {}),
      };
    },

    async GetParameterHistory(
      input: GetParameterHistoryRequest,
      call: Call,
    ): Promise<GetParameterHistoryResult> {
      const name = plainName(input.Name ?? '');
      await findParameter(store, call.scope, name, now());
      const after = input.NextToken === undefined ? {} : { after: versionKey(name, Number(input.NextToken)) };
      const limit = input.MaxResults ?? 50;
      const found = await store.list(versions, call.scope, {
        prefix: versionPrefix(name),
        limit: limit + 1,
        ...after,
      });
      if (found.length === 0 && input.NextToken === undefined) throw notFound();
      const Parameters: ParameterHistory[] = [];
      for (const { row } of found.slice(0, limit))
        Parameters.push({
          Name: name,
          Type: row.type,
          ...(row.keyId === undefined ? {} : { KeyId: row.keyId }),
          LastModifiedDate: new Date(row.modifiedMs),
          LastModifiedUser: row.modifiedBy,
          ...(row.description === undefined ? {} : { Description: row.description }),
          Value: await valueOf(call, name, row, input.WithDecryption),
          ...(row.allowedPattern === undefined ? {} : { AllowedPattern: row.allowedPattern }),
          Version: row.version,
          Labels: [...row.labels],
          Tier: row.tier,
          Policies: [],
          DataType: row.dataType,
        });
      const last = Parameters.at(-1);
      return { Parameters, ...(found.length > limit && last ? { NextToken: String(last.Version) } : {}) };
    },
  };
};
