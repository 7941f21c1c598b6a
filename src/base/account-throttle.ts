/** How much an account may call in a region, its APIs of every kind together. */
import type { Rate } from './counters.ts';
import { limits } from './limits.ts';

/** Regions with a quarter of it: https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html */
const SMALLER = new Set([
  'af-south-1',
  'eu-south-1',
  'ap-southeast-3',
  'me-central-1',
  'ap-south-2',
  'ap-southeast-4',
  'eu-south-2',
  'eu-central-2',
  'il-central-1',
  'ca-west-1',
  'ap-southeast-5',
  'ap-southeast-7',
  'mx-central-1',
]);

export const accountThrottleOf = (region: string): Rate =>
  SMALLER.has(region) ? limits.accountThrottleOfSmallerRegions : limits.accountThrottle;
