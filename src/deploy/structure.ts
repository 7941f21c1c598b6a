/**
 * Step 2: is it a template at all? Section names, resource shapes, quotas, in CloudFormation's words.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
import { limits } from '../base/limits.ts';
import { invalid } from './invalid.ts';
import type { ReadTemplate } from './read.ts';
import { isObject, type JsonObject, lineOf, type Template } from './template.ts';

const SECTIONS = new Set(
  'AWSTemplateFormatVersion Description Metadata Transform Globals Parameters Rules Mappings Conditions Resources Outputs Hooks'.split(
    ' ',
  ),
);
const RESOURCE_KEYS = new Set(
  'Type Properties DependsOn Condition Metadata DeletionPolicy UpdateReplacePolicy UpdatePolicy CreationPolicy Description Connectors IgnoreGlobals'.split(
    ' ',
  ),
);

export function checkStructure({ value, locate }: ReadTemplate): Template {
  const unknown = Object.keys(value).filter((section) => !SECTIONS.has(section));
  if (unknown.length > 0)
    throw invalid(
      `Invalid template property or properties [${unknown.join(', ')}]${lineOf(locate, [unknown[0] ?? ''])}`,
    );
  checkVersion(value);
  for (const section of ['Metadata', 'Parameters', 'Rules', 'Mappings', 'Conditions', 'Outputs'])
    if (value[section] !== undefined && !isObject(value[section]))
      throw invalid(`Template format error: ${section} must be an object.${lineOf(locate, [section])}`);
  if (!isObject(value.Resources) || Object.keys(value.Resources).length === 0)
    throw invalid('Template format error: At least one Resources member must be defined.');
  checkQuotas(value);
  for (const [id, resource] of Object.entries(value.Resources)) {
    // Fn::ForEach stands among the resources until its transform has run.
    if (id.startsWith('Fn::')) continue;
    const where = lineOf(locate, ['Resources', id]);
    if (!/^[A-Za-z0-9]+$/.test(id))
      throw invalid(`Template format error: Resource name ${id} is non alphanumeric.${where}`);
    checkResource(id, resource, where);
  }
  return value as unknown as Template; // its sections were just checked
}

function checkVersion(value: JsonObject): void {
  const version = value.AWSTemplateFormatVersion;
  if (version !== undefined && version !== '2010-09-09')
    throw invalid(`Template format error: unsupported value for AWSTemplateFormatVersion.`);
  if (
    typeof value.Description === 'string' &&
    Buffer.byteLength(value.Description) > limits.templateDescriptionBytes
  )
    throw invalid(
      `Template format error: 'Description' length is greater than ${limits.templateDescriptionBytes}.`,
    );
  if (value.Description !== undefined && value.Description !== null && typeof value.Description !== 'string')
    throw invalid("Template format error: 'Description' must be a string.");
  if (value.Hooks !== undefined) throw invalid('Hooks: not supported by gatehouse; nothing was created');
}

function checkQuotas(value: JsonObject): void {
  const quotas = [
    ['Resources', limits.templateResources],
    ['Parameters', limits.templateParameters],
    ['Outputs', limits.templateOutputs],
    ['Mappings', limits.templateMappings],
  ] as const;
  for (const [section, most] of quotas) {
    const count = Object.keys(value[section] ?? {}).length;
    if (count > most)
      throw invalid(
        `Template format error: Number of ${section.toLowerCase()}, ${count}, is greater than maximum allowed, ${most}`,
      );
  }
}

function checkResource(id: string, resource: unknown, where: string): void {
  if (!isObject(resource))
    throw invalid(
      `Template format error: [/Resources/${id}] Every Resources object must be an object.${where}`,
    );
  if (typeof resource.Type !== 'string')
    throw invalid(
      `Template format error: [/Resources/${id}] Every Resources object must contain a Type member.${where}`,
    );
  const unknown = Object.keys(resource).filter((key) => !RESOURCE_KEYS.has(key));
  if (unknown.length > 0)
    throw invalid(`Invalid template resource property '${unknown[0]}' (resource ${id})${where}`);
  if (resource.Properties !== undefined && resource.Properties !== null && !isObject(resource.Properties))
    throw invalid(
      `Template format error: [/Resources/${id}/Properties] 'null' values are not allowed in templates${where}`,
    );
  if (resource.Properties === null) delete resource.Properties;
}
