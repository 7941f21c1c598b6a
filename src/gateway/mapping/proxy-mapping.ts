/** `requestParameters` of a proxy integration: set on top of what the client sent. Null when there are none. */
import { contextVariables } from '../context-variables.ts';
import type { Checked } from '../plan.ts';
import { compileRequestMapping, type MappedRequest } from './request-mapping.ts';

export function compileProxyMapping(
  parameters: Readonly<Record<string, string>>,
  toAws: boolean,
): ((call: Checked) => MappedRequest) | null {
  if (Object.keys(parameters).length === 0) return null;
  const map = compileRequestMapping(parameters, toAws);
  const needsContext = Object.values(parameters).some((source) => source.startsWith('context.'));
  return (call) =>
    map({
      call,
      context: needsContext ? contextVariables(call, call.stage) : undefined,
      stageVariables: call.stage.variables,
    });
}
