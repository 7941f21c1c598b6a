/** Events of a state machine: rules, schedules and API methods that start an execution, each with a role. */
import { isObject, type Json, type JsonObject } from '../template.ts';
import { apiIdOf } from './events-api.ts';
import { known, need } from './events.ts';
import {
  deadLetterQueue,
  type EventParts,
  policyFor,
  schedule,
  stateOf,
  targetId,
} from './events-schedule.ts';
import { eventFault, type SamFault } from './faults.ts';
import { MANAGED } from './implicit-api.ts';
import { addIntegration, hasIntegration } from './paths.ts';
import { addMethodAuth } from './rest-auth.ts';
import { assumeRoleBy } from './role.ts';
import {
  conditionOf,
  inherited,
  make,
  objectIn,
  type Resource,
  type SamResource,
  type Serverless,
} from './serverless.ts';
import { getAtt, present, sub } from './values.ts';

interface MachineEvent extends EventParts {
  readonly owner: SamResource;
  readonly serverless: Serverless;
  /** Of the state machine, or of its alias. */
  readonly arn: Json;
  readonly attributes: JsonObject;
}

const START = 'states:StartExecution';

export function stateMachineEvents(
  owner: SamResource,
  serverless: Serverless,
  arn: Json,
): Record<string, Resource> {
  const made: Record<string, Resource> = {};
  for (const [eventId, given] of Object.entries(objectIn(owner, 'Events') ?? {})) {
    const fail = (message: string): SamFault => eventFault(owner.logicalId, eventId, message);
    if (!isObject(given) || typeof given.Type !== 'string') throw fail("Event must have a 'Type'.");
    const event: MachineEvent = {
      owner,
      serverless,
      arn,
      attributes: inherited(owner),
      logicalId: owner.logicalId + eventId,
      type: given.Type,
      properties: isObject(given.Properties) ? given.Properties : {},
      fail,
    };
    const make = EVENTS[event.type];
    if (make === undefined) throw fail(`Resource dict has unrecognized 'Type': ${event.type}`);
    Object.assign(made, make(event));
  }
  return made;
}

const EVENTS: Readonly<Record<string, (event: MachineEvent) => Record<string, Resource>>> = {
  Schedule(event) {
    known(event, 'Schedule Input Enabled State Name Description DeadLetterConfig RetryPolicy Target RoleArn');
    const { Name, Description } = event.properties;
    return rule(event, { ScheduleExpression: need(event, 'Schedule'), Name, Description });
  },
  ScheduleV2: (event) => schedule(event, { ...event, policyName: 'StartExecutionPolicy', action: START }),
  CloudWatchEvent: ruleEvent,
  EventBridgeRule: ruleEvent,
  Api: apiEvent,
};

function ruleEvent(event: MachineEvent): Record<string, Resource> {
  known(
    event,
    'EventBusName RuleName Pattern Input InputPath DeadLetterConfig RetryPolicy State Target InputTransformer',
  );
  const { EventBusName, Pattern: EventPattern, RuleName: Name } = event.properties;
  return rule(event, { EventBusName, EventPattern, Name });
}

function rule(event: MachineEvent, own: Record<string, Json | undefined>): Record<string, Resource> {
  const { properties, logicalId, arn, attributes } = event;
  const queue = deadLetterQueue({ ...event, target: { attributes } }, getAtt(logicalId, 'Arn'));
  const id = isObject(properties.Target) ? properties.Target.Id : undefined;
  const role = properties.RoleArn === undefined ? startRole(event, 'events.amazonaws.com') : {};
  const target = present({
    Arn: arn,
    Id: id ?? targetId(logicalId, 'StepFunctionsTarget'),
    RoleArn: properties.RoleArn ?? getAtt(`${logicalId}Role`, 'Arn'),
    Input: properties.Input,
    InputPath: properties.InputPath,
    DeadLetterConfig: queue && { Arn: queue.arn },
    RetryPolicy: properties.RetryPolicy,
    InputTransformer: properties.InputTransformer,
  });
  return {
    [logicalId]: make('AWS::Events::Rule', { ...own, State: stateOf(event), Targets: [target] }, attributes),
    ...role,
    ...queue?.resources,
  };
}

function startRole(
  { owner, logicalId, arn, attributes }: MachineEvent,
  principal: string,
): Record<string, Resource> {
  const roleId = `${logicalId}Role`;
  const role = make(
    'AWS::IAM::Role',
    {
      AssumeRolePolicyDocument: assumeRoleBy(principal),
      Policies: [policyFor(`${roleId}StartExecutionPolicy`, START, arn)],
      PermissionsBoundary: owner.properties.PermissionsBoundary,
    },
    attributes,
  );
  return { [roleId]: role };
}

function apiEvent(event: MachineEvent): Record<string, Resource> {
  known(event, 'Path Method RestApiId Stage Auth UnescapeMappingTemplate');
  const { properties, serverless, owner, fail } = event;
  const path = String(need(event, 'Path'));
  const method = String(need(event, 'Method')).toLowerCase();
  const role = startRole(event, 'apigateway.amazonaws.com');
  const api = serverless.resources[apiIdOf(event)]?.Properties ?? {};
  const body = api.DefinitionBody;
  if (!api[MANAGED] || !isObject(body)) return role;
  if (hasIntegration(body, path, method))
    throw fail(`API method "${method}" defined multiple times for path "${path}".`);
  addIntegration({
    body,
    path,
    method,
    condition: conditionOf(owner),
    integration: {
      type: 'aws',
      httpMethod: 'POST',
      uri: sub('arn:${AWS::Partition}:apigateway:${AWS::Region}:states:action/StartExecution'),
      responses: { '200': { statusCode: '200' }, '400': { statusCode: '400' } },
      credentials: getAtt(`${event.logicalId}Role`, 'Arn'),
      requestTemplates: { 'application/json': sub(requestTemplate(event)) },
    },
    more: { responses: { '200': { description: 'OK' }, '400': { description: 'Bad Request' } } },
  });
  const auth = properties.Auth;
  if (isObject(auth)) addMethodAuth({ body, api, path, method, auth, event });
  return role;
}

/** The request's body is the execution's input. A quote that escapeJavaScript escapes is not JSON: it may be unescaped. */
function requestTemplate({ arn, properties }: MachineEvent): string {
  const unescaped = properties.UnescapeMappingTemplate ? `.replaceAll("\\\\'","'")` : '';
  const input = `$util.escapeJavaScript($input.json('$'))${unescaped}`;
  return `{"input": "${input}", "stateMachineArn": "\${${isObject(arn) ? String(arn.Ref) : ''}}"}`;
}
