/** Settings of one method: `throttlingRateLimit`, `loggingLevel` and the like. */
import type { MethodSetting } from '@aws-sdk/client-api-gateway';
import type { RestStage } from '../config.ts';

/**
 * The more a key says, the more it counts, member by member: every method, every path with this method, this path with
 * every method, this method. Keys: `{path with ~1}/{METHOD}`, `*` for either.
 */
export function settingsOf(stage: RestStage, path: string, httpMethod: string): MethodSetting {
  const known = stage.methodSettings;
  const key = path.replaceAll('/', '~1');
  return {
    ...known['*/*'],
    ...known[`*/${httpMethod}`],
    ...known[`${path.slice(1)}/*`],
    ...known[`${key}/*`],
    ...ownSettings(stage, path, httpMethod),
  };
}

/** What is set for this very method; undefined when it has nothing of its own. */
export function ownSettings(stage: RestStage, path: string, httpMethod: string): MethodSetting | undefined {
  const own = stage.methodSettings[`${path.replaceAll('/', '~1')}/${httpMethod}`];
  const plain = stage.methodSettings[`${path.slice(1)}/${httpMethod}`];
  return own === undefined && plain === undefined ? undefined : { ...plain, ...own };
}
