/** A module hook: packages an ES module cannot find beside itself are looked for in the folders of NODE_PATH. */
import { pathToFileURL } from 'node:url';

const parents = (process.env.NODE_PATH ?? '')
  .split(':')
  .filter((folder) => folder !== '')
  .map((folder) => pathToFileURL(`${folder.replace(/\/node_modules\/?$/, '')}/index.mjs`).href);

const isBare = (specifier) => !/^(\.|\/|[a-z]+:)/.test(specifier);

export async function resolve(specifier, context, nextResolve) {
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || !isBare(specifier)) throw error;
    for (const parentURL of parents) {
      try {
        return await nextResolve(specifier, { ...context, parentURL });
      } catch (again) {
        if (again.code !== 'ERR_MODULE_NOT_FOUND') throw again;
      }
    }
    throw error;
  }
}
