/** A mapping template compiled: text without a reference or directive is known already and needs no scope. */
import { limits } from '../../base/limits.ts';
import { compileTemplate } from '../../lang/vtl/compile.ts';
import { reasonOf } from '../../base/fault.ts';
import { configurationError, isRefusal } from '../refusal.ts';
import type { MappingScope } from './scope.ts';

export type MappingTemplate = (scope: MappingScope, bodyText: string) => string;

export function compileMappingTemplate(source: string): MappingTemplate {
  if (!/[$#]/.test(source)) return () => source;
  const render = compileTemplate(source, { maxOutputBytes: limits.apiGatewayPayloadBytes });
  return (scope, bodyText) => {
    try {
      return render(scope.variables(bodyText));
    } catch (thrown) {
      throw isRefusal(thrown)
        ? thrown
        : configurationError(`Unable to transform request: ${reasonOf(thrown)}`);
    }
  };
}
