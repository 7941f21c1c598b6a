/** Settings of one method: `throttlingRateLimit`, `loggingLevel` and the like. */
import type { MethodSetting } from '@aws-sdk/client-api-gateway';
import type { RestStage } from '../config.ts';

/** The method's own setting wins over the one for all methods, member by member. Keys: `{path with ~1}/{METHOD}`. */
export function settingsOf(stage: RestStage, path: string, httpMethod: string): MethodSetting {
  const own = stage.methodSettings[`${path.replaceAll('/', '~1')}/${httpMethod}`];
  const plain = stage.methodSettings[`${path.slice(1)}/${httpMethod}`];
  return { ...stage.methodSettings['*/*'], ...plain, ...own };
}
