/** Logging configurations of web ACLs. */
import type {
  DeleteLoggingConfigurationRequest,
  GetLoggingConfigurationRequest,
  ListLoggingConfigurationsRequest,
  PutLoggingConfigurationRequest,
} from '@aws-sdk/client-wafv2';
import { parseArn } from '../../base/arn.ts';
import type { Call } from '../../wire/service.ts';
import { invalidParameter, missing, unsupported } from './fault.ts';
import { bump, byArn, checkScope } from './named.ts';
import type { WafPorts } from './ports.ts';
import { loggings } from './rows.ts';

export const loggingOperations = ({ store }: WafPorts) => ({
  PutLoggingConfiguration: async (input: PutLoggingConfigurationRequest, { scope }: Call) => {
    const given = input.LoggingConfiguration;
    const { row } = await byArn(store, given?.ResourceArn);
    const destinations = given?.LogDestinationConfigs ?? [];
    if (destinations.length !== 1)
      throw invalidParameter(
        'LOG_DESTINATION',
        destinations.join(', '),
        'You have used none or multiple values for a field that requires exactly one value.',
      );
    for (const destination of destinations) checkDestination(destination);
    for (const field of given?.RedactedFields ?? [])
      if (!field.SingleHeader && !field.UriPath && !field.QueryString && !field.Method)
        throw invalidParameter(
          'FIELD_TO_MATCH',
          Object.keys(field).join(', '),
          'The field can’t be redacted.',
        );
    const LoggingConfiguration = {
      ...given,
      ResourceArn: row.arn,
      LogDestinationConfigs: destinations,
      ManagedByFirewallManager: false,
    };
    await store.transaction(async (rows) => {
      await rows.put(loggings, scope, row.arn, LoggingConfiguration);
      await bump(rows, scope);
    });
    return { LoggingConfiguration };
  },

  GetLoggingConfiguration: async (input: GetLoggingConfigurationRequest, { scope }: Call) => {
    const LoggingConfiguration = await store.get(loggings, scope, input.ResourceArn ?? '');
    if (LoggingConfiguration === undefined) throw missing();
    return { LoggingConfiguration };
  },

  DeleteLoggingConfiguration: async (input: DeleteLoggingConfigurationRequest, { scope }: Call) => {
    const gone = await store.transaction(async (rows) => {
      await bump(rows, scope);
      return rows.delete(loggings, scope, input.ResourceArn ?? '');
    });
    if (!gone) throw missing();
    return {};
  },

  ListLoggingConfigurations: async (input: ListLoggingConfigurationsRequest, { scope }: Call) => {
    checkScope(input.Scope);
    const all = await store.list(loggings, scope, {
      ...(input.NextMarker !== undefined && { after: input.NextMarker }),
      limit: (input.Limit ?? 100) + 1,
    });
    const page = all.slice(0, input.Limit ?? 100);
    const last = page.at(-1);
    return {
      LoggingConfigurations: page.map(({ row }) => row),
      ...(all.length > page.length && last && { NextMarker: last.key }),
    };
  },
});

/** https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html: its name begins so. */
function checkDestination(arn: string): void {
  const parsed = parseArn(arn);
  if (parsed?.service !== 'logs') throw unsupported('LOG_DESTINATION', `logging to ${arn}`);
  if (!parsed.resource.startsWith('log-group:aws-waf-logs-'))
    throw invalidParameter(
      'LOG_DESTINATION',
      arn,
      'The ARN isn’t valid. A valid ARN begins with arn: and includes other information separated by colons or slashes.',
    );
}
