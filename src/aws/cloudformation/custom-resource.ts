/**
 * Custom resources: a function (or a topic) is told what to do and answers to a URL.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
 */
import { randomUUID } from 'node:crypto';
import { parseArn } from '../../base/arn.ts';
import { Fault } from '../../base/fault.ts';
import { limits } from '../../base/limits.ts';
import type { ResourceRequest, ResourceState, ResourceType } from '../../base/resource-type.ts';
import { unsupported } from './faults.ts';
import type { CloudFormationRoom } from './ports.ts';

type Properties = Readonly<Record<string, unknown>>;
type Request = ResourceRequest<Properties>;

interface Told {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly PhysicalResourceId?: string;
  readonly OldResourceProperties?: Properties;
}

interface Answer {
  readonly Status: string;
  readonly Reason?: string;
  readonly PhysicalResourceId?: string;
  readonly Data?: Readonly<Record<string, unknown>>;
}

export const customResourceType = (room: CloudFormationRoom): ResourceType<Properties> => ({
  type: 'AWS::CloudFormation::CustomResource',

  async create(request) {
    const answer = await ask(room, request, { RequestType: 'Create' });
    if (answer.Status === 'SUCCESS') return stateOf(answer, request.physicalName());
    // What it may have made half is its own to remove, as in a rollback on AWS.
    const { PhysicalResourceId } = answer;
    if (PhysicalResourceId !== undefined)
      await ask(room, request, { RequestType: 'Delete', PhysicalResourceId }).catch(() => undefined);
    throw refused(answer);
  },

  async update(request, { physicalId, properties }) {
    const answer = await ask(room, request, {
      RequestType: 'Update',
      PhysicalResourceId: physicalId,
      OldResourceProperties: textsOf(properties),
    });
    if (answer.Status !== 'SUCCESS') throw refused(answer);
    return stateOf(answer, physicalId);
  },

  async delete(request, { physicalId, properties }) {
    const told: Told = { RequestType: 'Delete', PhysicalResourceId: physicalId };
    const answer = await ask(room, { ...request, properties }, told);
    if (answer.Status !== 'SUCCESS') throw refused(answer);
  },
});

const stateOf = ({ PhysicalResourceId, Data }: Answer, fallback: string): ResourceState => ({
  physicalId: PhysicalResourceId ?? fallback,
  attributes: Data ?? {},
});

const refused = ({ Status, Reason, requestId }: Answer & { readonly requestId?: string }): Fault =>
  new Fault(
    'CustomResourceFailed',
    `Received response status [${Status}] from custom resource. Message returned: ${Reason ?? ''}${requestId ? ` (RequestId: ${requestId})` : ''}`,
    { status: 400 },
  );

async function ask(
  room: CloudFormationRoom,
  request: Request,
  told: Told,
): Promise<Answer & { requestId: string }> {
  const { callbacks } = room;
  if (callbacks === undefined) throw unsupported('Custom resources without a URL to answer to');
  const requestId = randomUUID();
  const token = randomUUID();
  const { properties } = request;
  const message = {
    ...told,
    ServiceToken: properties.ServiceToken,
    ResponseURL: callbacks.url(token),
    StackId: request.stackId,
    RequestId: requestId,
    ResourceType: request.resourceType ?? 'AWS::CloudFormation::CustomResource',
    LogicalResourceId: request.logicalId,
    ResourceProperties: textsOf(properties),
  };
  const waiting = new Waiting(request.signal, timeoutMs(properties));
  const stopListening = callbacks.listen(token, (body) => waiting.receive(body));
  try {
    await deliver(request, String(properties.ServiceToken), JSON.stringify(message));
    return { ...(await waiting.answer), requestId };
  } finally {
    stopListening();
    waiting.end();
  }
}

const MILLISECONDS = 1000;

const timeoutMs = ({ ServiceTimeout }: Properties): number =>
  (ServiceTimeout === undefined ? limits.customResourceTimeoutSeconds : Number(ServiceTimeout)) *
  MILLISECONDS;

async function deliver(request: Request, serviceToken: string, message: string): Promise<void> {
  const service = parseArn(serviceToken)?.service;
  if (service === 'lambda')
    await request.call('lambda', 'Invoke', {
      FunctionName: serviceToken,
      InvocationType: 'Event',
      Payload: Buffer.from(message),
    });
  else if (service === 'sns')
    await request.call('sns', 'Publish', {
      TopicArn: serviceToken,
      Message: message,
      Subject: 'AWS CloudFormation custom resource request',
    });
  else throw new Fault('ValidationError', `Invalid service token: ${serviceToken}`, { status: 400 });
}

/** One answer, a timeout, or the end of the operation: whichever comes first. */
class Waiting {
  readonly answer: Promise<Answer>;
  private readonly timer: NodeJS.Timeout;
  private readonly signal: AbortSignal;
  private readonly onAbort: () => void;
  private resolve: (answer: Answer) => void = () => {};

  constructor(signal: AbortSignal, timeoutMs: number) {
    let reject: (reason: Error) => void = () => {};
    this.answer = new Promise((resolve, refuse) => {
      this.resolve = resolve;
      reject = refuse;
    });
    // Nobody may be waiting yet when it is given up.
    this.answer.catch(() => {});
    this.signal = signal;
    this.onAbort = () => reject(new Error('aborted'));
    if (signal.aborted) this.onAbort();
    signal.addEventListener('abort', this.onAbort, { once: true });
    this.timer = setTimeout(() => reject(timedOut()), timeoutMs).unref();
  }

  receive(body: Uint8Array): void {
    const answer = parseAnswer(body);
    if (answer) this.resolve(answer);
  }

  end(): void {
    clearTimeout(this.timer);
    this.signal.removeEventListener('abort', this.onAbort);
  }
}

const timedOut = (): Fault =>
  new Fault(
    'CustomResourceTimeout',
    'CloudFormation did not receive a response from your Custom Resource. Please check your logs for requestId. If you are using the Python cfn-response module, you may need to update your Lambda function so that CloudFormation can attach the updated version.',
    { status: 400 },
  );

function parseAnswer(body: Uint8Array): Answer | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString());
    if (typeof value !== 'object' || value === null) return undefined;
    const answer = value as Partial<Answer>; // its one required member is checked next
    return typeof answer.Status === 'string' ? { ...answer, Status: answer.Status } : undefined;
  } catch {
    return undefined;
  }
}

/** CloudFormation hands numbers and booleans over as text. */
function textsOf(value: Properties): Properties {
  return asText(value) as Properties; // an object stays one
}

function asText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asText);
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, asText(member)]));
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}
