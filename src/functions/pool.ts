/**
 * The environments of one revision of a function. AWS gives every call that finds all environments busy a new one.
 * Here processes share one machine, so a call waits for a busy environment as long as that is quicker than a cold
 * start: a fast function under load stays at a few warm environments, a slow one gets as many as it has calls.
 */
import { availableParallelism } from 'node:os';
import type { Now } from '../base/clock.ts';
import type { ExecutionEnvironment } from './execution-environment.ts';
import type { Fleet } from './fleet.ts';

export interface PoolPorts {
  readonly now: Now;
  readonly fleet: Fleet;
  readonly idleMs: number;
  /** Makes an environment, not yet initialised. Rejects when the function cannot run here at all. */
  readonly make: () => Promise<ExecutionEnvironment>;
}

interface Waiter {
  readonly resolve: (environment: ExecutionEnvironment) => void;
  readonly reject: (thrown: unknown) => void;
}

interface Busy {
  readonly since: number;
}

const TICK_MS = 10;
/** A start that takes longer than this no longer holds up the next one. */
const YOUNG_START_MS = 1000;
const FIRST_GUESS_START_MS = 100;
const SMOOTHING = 0.2;

const startsAtOnce = Math.max(2, availableParallelism());

export class Pool {
  readonly #ports: PoolPorts;
  readonly #idle: { readonly environment: ExecutionEnvironment; readonly since: number }[] = [];
  readonly #busy = new Map<ExecutionEnvironment, Busy>();
  readonly #starting = new Map<object, number>();
  readonly #waiters: Waiter[] = [];
  /** Environments made before the code changed do not take another call. */
  #generation = 0;
  readonly #generations = new WeakMap<ExecutionEnvironment, number>();
  #retired = false;
  #closed = false;
  #callMs: number | undefined;
  #startMs = FIRST_GUESS_START_MS;
  #ticking: ReturnType<typeof setInterval> | undefined;

  constructor(ports: PoolPorts) {
    this.#ports = ports;
  }

  get size(): number {
    return this.#idle.length + this.#busy.size + this.#starting.size;
  }

  get busy(): Iterable<ExecutionEnvironment> {
    return this.#busy.keys();
  }

  /** When the environment idle for longest became so; undefined when none is. */
  get idleSince(): number | undefined {
    return this.#idle[0]?.since;
  }

  /** The environment used last, or the first to become free or to start. */
  acquire(signal?: AbortSignal): ExecutionEnvironment | Promise<ExecutionEnvironment> {
    const idle = this.#idle.pop();
    if (idle) return this.#take(idle.environment);
    return new Promise((resolve, reject) => {
      const waiter = { resolve, reject };
      this.#waiters.push(waiter);
      signal?.addEventListener('abort', () => this.#giveUp(waiter, signal.reason), { once: true });
      this.#grow();
    });
  }

  release(environment: ExecutionEnvironment, callMs: number): void {
    this.#busy.delete(environment);
    this.#callMs = this.#callMs === undefined ? callMs : this.#callMs + SMOOTHING * (callMs - this.#callMs);
    this.#offer(environment);
  }

  /** The code changed: calls in flight finish on the old one, everything else gets the new one, started already. */
  renew(): void {
    this.#generation += 1;
    this.#endIdle();
    this.#starting.clear();
    this.#callMs = undefined;
    if (!this.#retired) this.#start();
  }

  /** Takes no new call; what runs or waits is served. */
  retire(): void {
    this.#retired = true;
    if (this.#waiters.length === 0) this.#endIdle();
  }

  /** Ends what has been idle since before `time`. */
  evict(time: number): void {
    while (this.#idle[0] && this.#idle[0].since <= time) this.#end(this.#idle.shift()?.environment);
  }

  /** Ends everything, calls in flight too. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#ticking);
    this.#endIdle();
    for (const environment of this.#busy.keys()) this.#end(environment);
    for (const waiter of this.#waiters.splice(0)) waiter.reject(new Error('the server is going down'));
  }

  #take(environment: ExecutionEnvironment): ExecutionEnvironment {
    this.#busy.set(environment, { since: performance.now() });
    return environment;
  }

  #offer(environment: ExecutionEnvironment): void {
    if (this.#closed || this.#generations.get(environment) !== this.#generation) return this.#end(environment);
    const waiter = this.#waiters.shift();
    if (waiter) return waiter.resolve(this.#take(environment));
    if (this.#retired) return this.#end(environment);
    this.#idle.push({ environment, since: this.#ports.now() });
  }

  #giveUp(waiter: Waiter, reason: unknown): void {
    const at = this.#waiters.indexOf(waiter);
    if (at < 0) return;
    this.#waiters.splice(at, 1);
    waiter.reject(reason);
  }

  #grow(): void {
    while (this.#waiters.length > this.#starting.size && this.#wantsMore()) this.#start();
    if (this.#waiters.length === 0 || this.#closed) {
      clearInterval(this.#ticking);
      this.#ticking = undefined;
    } else this.#ticking ??= setInterval(() => this.#grow(), TICK_MS);
  }

  #wantsMore(): boolean {
    if (this.size === 0) return true;
    const time = performance.now();
    let young = 0;
    for (const since of this.#starting.values()) if (time - since < YOUNG_START_MS) young += 1;
    if (young >= startsAtOnce || !this.#ports.fleet.hasRoom()) return false;
    if (this.#busy.size === 0) return true;
    return this.#expectedWaitMs(time) > this.#startMs;
  }

  /** How long the last in the queue waits for those that are busy, going by past calls and by how long these run. */
  #expectedWaitMs(time: number): number {
    if (this.#callMs === undefined) return Number.POSITIVE_INFINITY;
    let running = 0;
    for (const { since } of this.#busy.values()) running += time - since;
    const each = Math.max(this.#callMs, running / this.#busy.size);
    return (this.#waiters.length * each) / this.#busy.size;
  }

  #start(): void {
    const token = {};
    const generation = this.#generation;
    const startedAt = performance.now();
    this.#starting.set(token, startedAt);
    this.#ports
      .make()
      .then(async (environment) => {
        this.#generations.set(environment, generation);
        this.#ports.fleet.joined();
        await environment.initialize();
        this.#starting.delete(token);
        const tookMs = performance.now() - startedAt;
        this.#startMs += SMOOTHING * (tookMs - this.#startMs);
        this.#offer(environment);
      })
      .catch((thrown: unknown) => {
        this.#starting.delete(token);
        // It is no environment's fault: whoever waits is told, and the next call tries again.
        if (generation === this.#generation) for (const waiter of this.#waiters.splice(0)) waiter.reject(thrown);
        this.#grow();
      });
  }

  #endIdle(): void {
    for (const { environment } of this.#idle.splice(0)) this.#end(environment);
  }

  #end(environment: ExecutionEnvironment | undefined): void {
    if (!environment) return;
    this.#ports.fleet.left();
    void environment.close();
    if (this.#waiters.length > 0) this.#grow();
  }
}
