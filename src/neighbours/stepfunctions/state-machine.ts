/** State machines. https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html */
import { randomUUID } from 'node:crypto';
import type {
  CreateStateMachineInput,
  CreateStateMachineOutput,
  DeleteStateMachineInput,
  DescribeStateMachineForExecutionInput,
  DescribeStateMachineForExecutionOutput,
  DescribeStateMachineInput,
  DescribeStateMachineOutput,
  ListStateMachinesInput,
  ListStateMachinesOutput,
  LoggingConfiguration,
  UpdateStateMachineInput,
  UpdateStateMachineOutput,
  ValidateStateMachineDefinitionInput,
  ValidateStateMachineDefinitionOutput,
} from '@aws-sdk/client-sfn';
import { parseArn } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { Scope } from '../../base/scope.ts';
import { compileDefinition } from '../../lang/states/compile.ts';
import type { Diagnostic } from '../../lang/states/definition.ts';
import type { Call } from '../../wire/service.ts';
import { findMachine } from './find-machine.ts';
import { pageOf } from './page.ts';
import type { StatesRoom } from './room.ts';
import {
  aliases,
  executionKeyOf,
  executions,
  machineArn,
  partsOf,
  type RevisionRow,
  revisions,
  type StateMachineRow,
  stateMachines,
  versions,
} from './rows.ts';
import { tagsOf } from './tags.ts';
import { unsupportedResources } from './unsupported.ts';
import { publish } from './version.ts';

export const stateMachineOperations = (room: StatesRoom) => {
  const { store, now } = room;
  return {
    async CreateStateMachine(
      input: CreateStateMachineInput,
      { scope }: Call,
    ): Promise<CreateStateMachineOutput> {
      const name = checkName(input.name);
      const revision = revisionOf(input);
      const at = now();
      const { row, version } = await store.transaction(async (rows) => {
        const before = await rows.get(stateMachines, scope, name);
        if (before !== undefined) {
          const known = await rows.get(revisions, scope, `${name}/${before.revisionId}`);
          const same =
            JSON.stringify(known) === JSON.stringify(revision) && before.type === (input.type ?? 'STANDARD');
          if (!same)
            throw new Fault(
              'StateMachineAlreadyExists',
              `State Machine Already Exists: '${machineArn(scope, name)}'`,
            );
          return { row: before, version: undefined };
        }
        const made: StateMachineRow = {
          name,
          type: input.type ?? 'STANDARD',
          roleArn: revision.roleArn,
          createdAt: at,
          updatedAt: at,
          revisionId: randomUUID(),
          logging: revision.logging,
          tracing: revision.tracing,
          tags: tagsOf(input.tags),
          lastVersion: 0,
        };
        await rows.put(stateMachines, scope, name, made);
        await rows.put(revisions, scope, `${name}/${made.revisionId}`, revision);
        const published =
          input.publish === true ? await publish(rows, scope, made, input.versionDescription, at) : undefined;
        return { row: made, version: published };
      });
      return {
        stateMachineArn: machineArn(scope, name),
        creationDate: new Date(row.createdAt),
        ...(version && { stateMachineVersionArn: `${machineArn(scope, name)}:${version.version}` }),
      };
    },

    async UpdateStateMachine(
      input: UpdateStateMachineInput,
      { scope }: Call,
    ): Promise<UpdateStateMachineOutput> {
      const { parts } = partsOf(input.stateMachineArn, ['stateMachine']);
      if (parts.length > 1)
        throw new Fault('InvalidArn', `Invalid Arn: 'Resource type not valid in this context: stateMachine'`);
      const at = now();
      const { row, version } = await store.transaction(async (rows) => {
        const { machine } = await findMachine(rows, scope, input.stateMachineArn);
        const before = await rows.get(revisions, scope, `${machine.name}/${machine.revisionId}`);
        const revision = revisionOf({
          definition: input.definition ?? before?.definition,
          roleArn: input.roleArn ?? machine.roleArn,
          loggingConfiguration: input.loggingConfiguration ?? machine.logging,
          tracingConfiguration: input.tracingConfiguration ?? { enabled: machine.tracing },
          encryptionConfiguration: input.encryptionConfiguration,
        });
        const changed: StateMachineRow = {
          ...machine,
          roleArn: revision.roleArn,
          logging: revision.logging,
          tracing: revision.tracing,
          updatedAt: at,
          revisionId: randomUUID(),
        };
        await rows.put(revisions, scope, `${machine.name}/${changed.revisionId}`, revision);
        await rows.put(stateMachines, scope, machine.name, changed);
        const published =
          input.publish === true
            ? await publish(rows, scope, changed, input.versionDescription, at)
            : undefined;
        return { row: changed, version: published };
      });
      return {
        updateDate: new Date(at),
        revisionId: row.revisionId,
        ...(version && { stateMachineVersionArn: `${machineArn(scope, row.name)}:${version.version}` }),
      };
    },

    async DescribeStateMachine(
      input: DescribeStateMachineInput,
      { scope }: Call,
    ): Promise<DescribeStateMachineOutput> {
      return store.read(async (rows) => {
        const { machine, revisionId, version } = await findMachine(rows, scope, input.stateMachineArn);
        const revision = await rows.get(revisions, scope, `${machine.name}/${revisionId}`);
        return {
          stateMachineArn: input.stateMachineArn,
          name: machine.name,
          status: 'ACTIVE',
          type: machine.type,
          creationDate: new Date(version?.createdAt ?? machine.createdAt),
          ...showRevision(revision),
          revisionId,
          ...(version?.description !== undefined && { description: version.description }),
        };
      });
    },

    async DescribeStateMachineForExecution(
      input: DescribeStateMachineForExecutionInput,
      { scope }: Call,
    ): Promise<DescribeStateMachineForExecutionOutput> {
      const row = await store.get(executions, scope, executionKeyOf(input.executionArn));
      if (row === undefined)
        throw new Fault('ExecutionDoesNotExist', `Execution Does Not Exist: '${input.executionArn}'`);
      const machine = await store.get(stateMachines, scope, row.machine);
      const revision = await store.get(revisions, scope, `${row.machine}/${row.revisionId}`);
      return {
        stateMachineArn: machineArn(scope, row.machine),
        name: row.machine,
        updateDate: new Date(machine?.updatedAt ?? row.startedAt),
        ...showRevision(revision),
        revisionId: row.revisionId,
      };
    },

    async DeleteStateMachine(input: DeleteStateMachineInput, { scope }: Call): Promise<object> {
      const { parts } = partsOf(input.stateMachineArn, ['stateMachine']);
      const [name = ''] = parts;
      await store.transaction(async (rows) => {
        await rows.delete(stateMachines, scope, name);
        await rows.deleteRange(versions, scope, `${name}/`);
        await rows.deleteRange(aliases, scope, `${name}/`);
        // Revisions go with the last execution that runs one of them.
        const kept = await rows.list(executions, scope, { prefix: `${name}/`, limit: 1 });
        if (kept.length === 0) await rows.deleteRange(revisions, scope, `${name}/`);
      });
      return {};
    },

    async ListStateMachines(
      input: ListStateMachinesInput,
      { scope }: Call,
    ): Promise<ListStateMachinesOutput> {
      const all = await store.list(stateMachines, scope);
      const { items, nextToken } = pageOf(all, input);
      return {
        stateMachines: items.map(({ row }) => ({
          stateMachineArn: machineArn(scope, row.name),
          name: row.name,
          type: row.type,
          creationDate: new Date(row.createdAt),
        })),
        ...(nextToken !== undefined && { nextToken }),
      };
    },

    async ValidateStateMachineDefinition(
      input: ValidateStateMachineDefinitionInput,
    ): Promise<ValidateStateMachineDefinitionOutput> {
      const found = problemsOf(input.definition ?? '');
      const most = input.maxResults === undefined || input.maxResults === 0 ? 100 : input.maxResults;
      return {
        result: found.length === 0 ? 'OK' : 'FAIL',
        diagnostics: found.slice(0, most).map((each) => ({ severity: 'ERROR', ...each })),
        truncated: found.length > most,
      };
    },
  };
};

const showRevision = (revision: RevisionRow | undefined) => ({
  definition: revision?.definition ?? '{}',
  roleArn: revision?.roleArn ?? '',
  loggingConfiguration: revision?.logging ?? { level: 'OFF' as const, includeExecutionData: false },
  tracingConfiguration: { enabled: revision?.tracing ?? false },
  encryptionConfiguration: { type: 'AWS_OWNED_KEY' as const },
});

export function checkName(name: string | undefined): string {
  if (
    name === undefined ||
    name.length === 0 ||
    name.length > limits.stepFunctionsNameLength ||
    // eslint: control characters are what is refused here
    /[\s<>{}[\]?*"#%\\^|~`$&,;:/\u0000-\u001f\u007f-\u009f]/.test(name)
  )
    throw new Fault('InvalidName', `Invalid Name: '${name ?? ''}'`);
  return name;
}

interface RevisionInput {
  readonly definition?: string | undefined;
  readonly roleArn?: string | undefined;
  readonly loggingConfiguration?: LoggingConfiguration | undefined;
  readonly tracingConfiguration?: { readonly enabled?: boolean | undefined } | undefined;
  readonly encryptionConfiguration?: { readonly type?: string | undefined } | undefined;
}

/** Throws InvalidDefinition, InvalidArn, InvalidLoggingConfiguration. */
function revisionOf(input: RevisionInput): RevisionRow {
  const { definition = '', roleArn = '' } = input;
  if (Buffer.byteLength(definition) > limits.stepFunctionsDefinitionBytes)
    throw new Fault('InvalidDefinition', "Invalid State Machine Definition: 'MAXIMUM_SIZE_EXCEEDED'");
  const problems = problemsOf(definition);
  if (problems.length > 0)
    throw new Fault(
      'InvalidDefinition',
      `Invalid State Machine Definition: '${problems.map(({ code, message, location }) => `${code}: ${message} at ${location}`).join(', ')}'`,
    );
  if (parseArn(roleArn)?.service !== 'iam') throw new Fault('InvalidArn', `Invalid Role Arn: '${roleArn}'`);
  if (input.encryptionConfiguration?.type === 'CUSTOMER_MANAGED_KMS_KEY')
    throw new Fault(
      'InvalidEncryptionConfiguration',
      'EncryptionConfiguration with a customer managed key: not supported by gatehouse',
    );
  return {
    definition,
    roleArn,
    logging: loggingOf(input.loggingConfiguration),
    tracing: input.tracingConfiguration?.enabled ?? false,
  };
}

function loggingOf(given: LoggingConfiguration | undefined): LoggingConfiguration {
  const { level = 'OFF', includeExecutionData = false, destinations } = given ?? {};
  if (level !== 'OFF' && destinations?.length !== 1)
    throw new Fault(
      'InvalidLoggingConfiguration',
      'Invalid Logging Configuration: Must specify exactly one Log Destination.',
    );
  return { level, includeExecutionData, ...(destinations?.length && { destinations }) };
}

/** Mistakes, and what is right but not there. */
function problemsOf(definition: string): readonly Diagnostic[] {
  const { flow, diagnostics } = compileDefinition(definition);
  return flow === undefined ? diagnostics : unsupportedResources(flow);
}

/** Whose definition an execution runs. */
export type { Scope };
