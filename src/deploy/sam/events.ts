/** Events of a function: one entry a type, each making the resources that connect its source. */
import { isObject, type Json, type JsonObject } from '../template.ts';
import { apiEvent } from './events-api.ts';
import { httpApiEvent } from './events-http-api.ts';
import { pollingEvent, POLLED } from './events-polling.ts';
import { bucketEvent, cognitoEvent, logsEvent, topicEvent } from './events-push.ts';
import { ruleEvent, scheduleEvent, schedulerEvent } from './events-schedule.ts';
import { eventFault, SamFault } from './faults.ts';
import type { Resource, SamResource, Serverless } from './serverless.ts';
import type { FunctionTarget } from './target.ts';

export interface FunctionEvent {
  /** Of the function. */
  readonly owner: string;
  readonly eventId: string;
  /** Function and event together: what the event's resources are named by. */
  readonly logicalId: string;
  readonly type: string;
  readonly properties: JsonObject;
  readonly target: FunctionTarget;
  /** The role that SAM makes; its policies grow with polled sources. */
  readonly role: Resource;
  readonly serverless: Serverless;
  fail(message: string): SamFault;
}

type MakeEvent = (event: FunctionEvent) => Record<string, Resource>;

const EVENTS: Readonly<Record<string, MakeEvent>> = {
  Api: apiEvent,
  HttpApi: httpApiEvent,
  Schedule: scheduleEvent,
  ScheduleV2: schedulerEvent,
  CloudWatchEvent: ruleEvent,
  EventBridgeRule: ruleEvent,
  S3: bucketEvent,
  SNS: topicEvent,
  CloudWatchLogs: logsEvent,
  Cognito: cognitoEvent,
  ...Object.fromEntries(Object.keys(POLLED).map((type) => [type, pollingEvent])),
};

const REFUSED = new Set(['MSK', 'MQ', 'SelfManagedKafka', 'DocumentDB', 'AlexaSkill', 'IoTRule']);

export function eventResources(
  resource: SamResource,
  target: FunctionTarget,
  role: Resource,
  serverless: Serverless,
): Record<string, Resource> {
  const { logicalId: owner } = resource;
  const events = isObject(resource.properties.Events) ? resource.properties.Events : {};
  const made: Record<string, Resource> = {};
  for (const [eventId, given] of Object.entries(events).toSorted(byPath)) {
    const fail = (message: string): SamFault => eventFault(owner, eventId, message);
    if (!isObject(given) || typeof given.Type !== 'string') throw fail("Event must have a 'Type'.");
    if (REFUSED.has(given.Type))
      throw fail(`Event type ${given.Type}: not supported by gatehouse; nothing was created`);
    const make = EVENTS[given.Type];
    if (make === undefined) throw fail(`Resource dict has unrecognized 'Type': ${given.Type}`);
    const properties = isObject(given.Properties) ? given.Properties : {};
    const event = {
      owner,
      eventId,
      logicalId: owner + eventId,
      type: given.Type,
      properties,
      target,
      role,
      serverless,
      fail,
    };
    Object.assign(made, make(event));
  }
  return made;
}

/** `$default` comes before paths, so that its permission can stand for theirs. */
function byPath(a: [string, Json], b: [string, Json]): number {
  const key = ([id, event]: [string, Json]): string =>
    isObject(event) && isObject(event.Properties) && typeof event.Properties.Path === 'string'
      ? event.Properties.Path
      : id;
  return key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
}

/** A property the event cannot do without. */
export function need({ properties, fail }: Pick<FunctionEvent, 'properties' | 'fail'>, name: string): Json {
  const value = properties[name];
  if (value === undefined || value === null) throw fail(`Missing required property '${name}'.`);
  return value;
}

/** Unknown properties are refused by name. */
export function known(
  { properties, type, fail }: Pick<FunctionEvent, 'properties' | 'type' | 'fail'>,
  names: string,
): void {
  const allowed = names.split(' ');
  const unknown = Object.keys(properties).find((name) => !allowed.includes(name));
  if (unknown !== undefined) throw fail(`property ${unknown} not defined for resource of type ${type}`);
}
