import type { Template } from '../template.ts';
import type { TransformRequest } from '../transforms.ts';

export function transformServerless({ template }: TransformRequest): Template {
  return template;
}
