/** Deleting, describing and labelling parameters. */
import type {
  DeleteParameterRequest,
  DeleteParametersRequest,
  DeleteParametersResult,
  DescribeParametersRequest,
  DescribeParametersResult,
  LabelParameterVersionRequest,
  LabelParameterVersionResult,
  ParameterMetadata,
  UnlabelParameterVersionRequest,
  UnlabelParameterVersionResult,
} from '@aws-sdk/client-ssm';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import type { Transaction } from '../../store/store.ts';
import type { Call, ServicePorts } from '../../wire/service.ts';
import { matchesFilters } from './filters.ts';
import {
  findParameter,
  isExpired,
  notFound,
  parameterArn,
  type ParameterRow,
  parameters,
  plainName,
  removeParameter,
  versionKey,
  versionPrefix,
  type VersionRow,
  versions,
} from './parameter-row.ts';

const LABEL = /^(?!\d|aws|ssm)[\w.-]{1,100}$/i;

export const parameterOperations = ({ store, now }: ServicePorts) => ({
  async DeleteParameter(input: DeleteParameterRequest, { scope }: Call): Promise<object> {
    await store.transaction(async (rows) => {
      if (!(await removeParameter(rows, scope, plainName(input.Name ?? '')))) throw notFound();
    });
    return {};
  },

  async DeleteParameters(input: DeleteParametersRequest, { scope }: Call): Promise<DeleteParametersResult> {
    const DeletedParameters: string[] = [];
    const InvalidParameters: string[] = [];
    await store.transaction(async (rows) => {
      for (const name of input.Names ?? [])
        ((await removeParameter(rows, scope, plainName(name))) ? DeletedParameters : InvalidParameters).push(
          name,
        );
    });
    return { DeletedParameters, InvalidParameters };
  },

  async DescribeParameters(
    input: DescribeParametersRequest,
    { scope }: Call,
  ): Promise<DescribeParametersResult> {
    const filters = [
      ...(input.ParameterFilters ?? []),
      ...(input.Filters ?? []).map(({ Key, Values }) => ({
        Key: Key as string,
        Option: 'BeginsWith',
        Values,
      })), // their older form
    ];
    const after =
      input.NextToken === undefined ? {} : { after: Buffer.from(input.NextToken, 'base64').toString() };
    const all = await store.list(parameters, scope, after);
    const wanted = all.filter(({ row }) => !isExpired(row, now()) && matchesFilters(row, filters));
    const page = wanted.slice(0, input.MaxResults ?? 50);
    const last = page.at(-1);
    return {
      Parameters: page.map(({ row }) => describe(scope, row)),
      ...(wanted.length > page.length && last ? { NextToken: Buffer.from(last.key).toString('base64') } : {}),
    };
  },

  /** A label names one version: it moves when it is given to another. */
  async LabelParameterVersion(
    input: LabelParameterVersionRequest,
    { scope }: Call,
  ): Promise<LabelParameterVersionResult> {
    const labels = input.Labels ?? [];
    const InvalidLabels = labels.filter((label) => !LABEL.test(label));
    const good = labels.filter((label) => LABEL.test(label));
    const number = await changeLabels(store, scope, input, now(), (version, isNamed) => {
      const kept = version.labels.filter((label) => !good.includes(label));
      const after = isNamed ? [...kept, ...good] : kept;
      if (after.length > limits.ssmLabels)
        throw new Fault(
          'ParameterVersionLabelLimitExceeded',
          'A parameter version can have maximum 10 labels.Move one or more labels to another version and try again.',
        );
      return after;
    });
    return { InvalidLabels, ParameterVersion: number };
  },

  async UnlabelParameterVersion(
    input: UnlabelParameterVersionRequest,
    { scope }: Call,
  ): Promise<UnlabelParameterVersionResult> {
    const gone = input.Labels ?? [];
    const removed = new Set<string>();
    await changeLabels(store, scope, input, now(), (version, isNamed) => {
      if (!isNamed) return version.labels;
      for (const label of version.labels) if (gone.includes(label)) removed.add(label);
      return version.labels.filter((label) => !gone.includes(label));
    });
    return { RemovedLabels: [...removed], InvalidLabels: gone.filter((label) => !removed.has(label)) };
  },
});

interface Named {
  readonly Name?: string | undefined;
  readonly ParameterVersion?: number | undefined;
}

/** `change` is asked for every version, and told which is meant. */
function changeLabels(
  store: ServicePorts['store'],
  scope: Scope,
  input: Named,
  now: number,
  change: (version: VersionRow, isNamed: boolean) => readonly string[],
): Promise<number> {
  return store.transaction(async (rows: Transaction) => {
    const name = plainName(input.Name ?? '');
    const row = await findParameter(rows, scope, name, now);
    const number = input.ParameterVersion ?? row.current.version;
    const all = await rows.list(versions, scope, { prefix: versionPrefix(name) });
    if (!all.some(({ row: version }) => version.version === number))
      throw new Fault(
        'ParameterVersionNotFound',
        `Systems Manager could not find version ${number} of ${name}. Verify the version and try again.`,
      );
    for (const { row: version } of all) {
      const after = { ...version, labels: change(version, version.version === number) };
      await rows.put(versions, scope, versionKey(name, version.version), after);
      if (version.version === row.current.version)
        await rows.put(parameters, scope, name, { ...row, current: after });
    }
    return number;
  });
}

const describe = (scope: Scope, { name, current }: ParameterRow): ParameterMetadata => ({
  Name: name,
  ARN: parameterArn(scope, name),
  Type: current.type,
  ...(current.keyId === undefined ? {} : { KeyId: current.keyId }),
  LastModifiedDate: new Date(current.modifiedMs),
  LastModifiedUser: current.modifiedBy,
  ...(current.description === undefined ? {} : { Description: current.description }),
  ...(current.allowedPattern === undefined ? {} : { AllowedPattern: current.allowedPattern }),
  Version: current.version,
  Tier: current.tier,
  Policies:
    current.policies === undefined
      ? []
      : [{ PolicyText: current.policies, PolicyType: 'Expiration', PolicyStatus: 'Pending' }],
  DataType: current.dataType,
});
