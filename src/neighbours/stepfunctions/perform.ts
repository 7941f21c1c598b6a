/** Makes a task's request: a function's invocation, or an operation of a service, as the state machine's role. */
import { isFault, reasonOf } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import { isObject } from '../../lang/states/reference-path.ts';
import { StateError } from '../../lang/states/state-error.ts';
import { loadService, type OperationPlan } from '../../wire/plan.ts';
import { serviceRow } from '../../wire/services.ts';
import { callApi } from './call-api.ts';
import { callerOfRole, type StatesRoom } from './room.ts';
import type { Run, Task } from './run.ts';
import { fromOutput, toInput } from './sdk-values.ts';
import type { ServiceTask } from './task-kind.ts';

/** The answer as JSON. Throws StateError. */
export async function perform(room: StatesRoom, run: Run, task: Task): Promise<unknown> {
  return withinTime(task, async () => {
    const { kind } = task;
    if (kind.kind === 'function') return invokeFunction(room, run, task, kind.arn);
    if (kind.kind === 'activity') throw new Error('an activity makes no request');
    if (kind.isSdk) return callSdk(room, run, task, kind);
    if (kind.service === 'lambda') return invokeLambda(room, run, task, kind);
    if (kind.service === 'apigateway') return callApi(room.endpoint(), run.scope, task);
    return callOptimised(room, run, task, kind);
  });
}

/** A task without a time of its own may take as long as it likes; the execution's own end always counts. */
async function withinTime(task: Task, action: () => Promise<unknown>): Promise<unknown> {
  const { signal } = task.line;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let abort = (): void => {};
  const ended = new Promise<never>((_, reject) => {
    abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    if (task.timeoutSeconds !== undefined)
      timer = setTimeout(
        () => reject(new StateError('States.Timeout', '')),
        Math.min(task.timeoutSeconds * 1000, 2 ** 31 - 1),
      );
  });
  try {
    return await Promise.race([action(), ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

async function invokeFunction(room: StatesRoom, run: Run, task: Task, arn: string): Promise<unknown> {
  const answer = await invoke(room, run, task, { FunctionName: arn, Payload: bytesOf(task.given) });
  return parsed(answer.Payload);
}

interface InvokeAnswer {
  readonly Payload?: Uint8Array;
  readonly FunctionError?: string;
  readonly StatusCode?: number;
  readonly ExecutedVersion?: string;
}

async function invoke(room: StatesRoom, run: Run, task: Task, input: object): Promise<InvokeAnswer> {
  const answer = (await call(room, run, task, 'lambda', 'Invoke', input, {
    errorPrefix: 'Lambda',
    causeOf: optimisedCause('AWSLambda'),
  })) as InvokeAnswer;
  if (answer.FunctionError === undefined) return answer;
  const payload = parsed(answer.Payload);
  const type =
    isObject(payload) && typeof payload['errorType'] === 'string' ? payload['errorType'] : undefined;
  throw new StateError(type ?? 'Lambda.Unknown', textOf(answer.Payload));
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/connect-lambda.html */
async function invokeLambda(
  room: StatesRoom,
  run: Run,
  task: Task,
  { pattern }: ServiceTask,
): Promise<unknown> {
  const { Payload, ...rest } = objectOf(task.given);
  const input = { ...rest, ...(Payload !== undefined && { Payload: bytesOf(Payload) }) };
  const answer = await invoke(room, run, task, input);
  if (pattern === 'token') return { StatusCode: answer.StatusCode };
  return {
    ExecutedVersion: answer.ExecutedVersion ?? '$LATEST',
    Payload: parsed(answer.Payload),
    StatusCode: answer.StatusCode ?? 200,
  };
}

async function callOptimised(room: StatesRoom, run: Run, task: Task, kind: ServiceTask): Promise<unknown> {
  const given = objectOf(task.given);
  const input = kind.operation === 'StartExecution' ? childInput(given, task) : given;
  const operation = await operationOf(kind);
  const answer = await call(
    room,
    run,
    task,
    kind.service,
    kind.operation,
    await inputOf(operation, input, kind),
    {
      errorPrefix: kind.errorPrefix,
      causeOf: optimisedCause(JAVA_V1[kind.service] ?? kind.errorPrefix),
    },
  );
  const result = await fromOutput(operation.output, answer);
  if (kind.operation === 'PutEvents') refuseFailedEntries(result);
  return result;
}

/** A child without a name has one that stays the same when the request is made again after a restart. */
function childInput(given: Readonly<Record<string, unknown>>, task: Task): Readonly<Record<string, unknown>> {
  const { Input = {}, ...rest } = given;
  return { Name: task.childName, ...rest, Input: typeof Input === 'string' ? Input : JSON.stringify(Input) };
}

function refuseFailedEntries(result: unknown): void {
  if (isObject(result) && Number(result['FailedEntryCount'] ?? 0) > 0)
    throw new StateError('EventBridge.FailedEntry', JSON.stringify(result));
}

/** How the optimised integrations sign their causes: the names of AWS's Java SDK 1. */
const JAVA_V1: Readonly<Record<string, string>> = {
  dynamodb: 'AmazonDynamoDBv2',
  sqs: 'AmazonSQS',
  sns: 'AmazonSNS',
  events: 'AmazonEventBridge',
  stepfunctions: 'AWSStepFunctions',
};

async function callSdk(room: StatesRoom, run: Run, task: Task, kind: ServiceTask): Promise<unknown> {
  const operation = await operationOf(kind);
  const input = await inputOf(operation, objectOf(task.given), kind);
  const answer = await call(room, run, task, kind.service, kind.operation, input, {
    errorPrefix: kind.errorPrefix,
    causeOf: (_code, message, status, requestId) =>
      `${message} (Service: ${kind.errorPrefix}, Status Code: ${status}, Request ID: ${requestId}, Extended Request ID: null)`,
  });
  return (await fromOutput(operation.output, answer)) ?? {};
}

async function operationOf({ service, operation }: ServiceTask): Promise<OperationPlan> {
  const row = serviceRow(service);
  const plan = row && (await loadService(row)).operations.get(operation);
  if (plan === undefined) throw new StateError('States.Runtime', `${service} has no operation ${operation}`);
  return plan;
}

async function inputOf(
  operation: OperationPlan,
  given: unknown,
  { errorPrefix }: ServiceTask,
): Promise<object> {
  try {
    return toInput(operation.input, given) as object; // inputs are structures
  } catch (thrown) {
    if (!isFault(thrown)) throw thrown;
    throw new StateError(`${errorPrefix}.${thrown.code}`, thrown.message);
  }
}

interface Told {
  readonly errorPrefix: string;
  readonly causeOf: (code: string, message: string, status: number, requestId: string) => string;
}

async function call(
  room: StatesRoom,
  run: Run,
  task: Task,
  service: string,
  operation: string,
  input: object,
  { errorPrefix, causeOf }: Told,
): Promise<unknown> {
  const credentials = objectOf(task.credentials ?? {});
  const roleArn =
    typeof credentials['RoleArn'] === 'string' ? credentials['RoleArn'] : run.context.Execution.RoleArn;
  try {
    return await room.call({
      service,
      operation,
      input,
      scope: run.scope,
      caller: callerOfRole(roleArn, run.context.Execution.Name, run.scope.account),
      calledVia: 'states.amazonaws.com',
    });
  } catch (thrown) {
    if (!isFault(thrown)) {
      room.log('error', 'a task of a state machine broke', { service, operation, reason: reasonOf(thrown) });
      throw new StateError(`${errorPrefix}.SdkClientException`, 'We encountered an internal error.');
    }
    const code = exceptionName(thrown.code);
    throw new StateError(
      `${errorPrefix}.${code}`,
      causeOf(thrown.code, thrown.message, thrown.status ?? 400, 'gatehouse'),
    );
  }
}

/** Java exceptions all end so; codes of the query protocols may hold dots. */
function exceptionName(code: string): string {
  const name = code.split('.').at(-1) ?? code;
  return name.endsWith('Exception') ? name : `${name}Exception`;
}

const optimisedCause =
  (javaName: string): Told['causeOf'] =>
  (code, message, status, requestId) =>
    `${message} (Service: ${javaName}; Status Code: ${status}; Error Code: ${code}; Request ID: ${requestId}; Proxy: null)`;

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  if (isObject(value)) return value;
  throw new StateError(
    'States.Runtime',
    `The task's parameters must be an object, not ${JSON.stringify(value)}`,
  );
}

const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value ?? null));
const textOf = (payload: Uint8Array | undefined): string => Buffer.from(payload ?? []).toString('utf8');

function parsed(payload: Uint8Array | undefined): unknown {
  const text = textOf(payload).slice(0, limits.lambdaSynchronousPayloadBytes);
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
