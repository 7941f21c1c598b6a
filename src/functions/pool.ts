/**
 * The environments of one revision of a function. AWS gives every call that finds all environments busy a new one.
 * Here processes share one machine, so a call waits for a busy environment where that is likely to be quicker than a
 * cold start: a fast function under load stays at a few warm environments, a slow one gets as many as it has calls.
 */
import { availableParallelism } from 'node:os';
import type { Now } from '../base/clock.ts';
import type { ExecutionEnvironment } from './execution-environment.ts';
import type { Fleet } from './fleet.ts';
import type { InitializationType } from './platform-events.ts';

export interface PoolPorts {
  readonly now: Now;
  readonly fleet: Fleet;
  /** Makes an environment, not yet initialised. Rejects when the function cannot run here at all. */
  readonly make: (type: InitializationType) => Promise<ExecutionEnvironment>;
}

interface Waiter {
  readonly since: number;
  readonly resolve: (environment: ExecutionEnvironment) => void;
  readonly reject: (thrown: unknown) => void;
}

interface Busy {
  readonly since: number;
}

interface Idle {
  readonly environment: ExecutionEnvironment;
  readonly since: number;
}

const TICK_MS = 10;
/** A start that takes longer than this no longer holds up the next one. */
const YOUNG_START_MS = 1000;
/**
 * An environment is frozen once it has been idle for so long, not at once: the two signals cost a few microseconds
 * only, but compilers and collectors that run beside the code finish their work meanwhile. Our own bootstraps block
 * while they wait, so that of the function itself nothing runs but threads and child processes.
 */
const FREEZE_MS = 10;
/** What a call waits for short ones at most before one more environment starts. */
const PATIENCE_MS = 100;
const FIRST_GUESS_START_MS = 100;
const SMOOTHING = 0.2;

const startsAtOnce = Math.max(2, availableParallelism());

export class Pool {
  readonly #ports: PoolPorts;
  readonly #idle: Idle[] = [];
  readonly #busy = new Map<ExecutionEnvironment, Busy>();
  readonly #starting = new Map<object, number>();
  readonly #waiters: Waiter[] = [];
  /** Environments made before the code changed do not take another call. */
  #generation = 0;
  readonly #generations = new WeakMap<ExecutionEnvironment, number>();
  readonly #madeAt = new WeakMap<ExecutionEnvironment, number>();
  /** How many environments are kept ready whether anybody calls or not, and how many there are or will be. */
  #wanted = 0;
  #provisioned = 0;
  #readyWaiters: (() => void)[] = [];
  readonly #ending = new Set<Promise<void>>();
  #retired = false;
  #closed = false;
  #callMs: number | undefined;
  #startMs = FIRST_GUESS_START_MS;
  #freezing: ReturnType<typeof setTimeout> | undefined;
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

  /** When the environment idle for longest became so; undefined when none is that may end. */
  get idleSince(): number | undefined {
    return this.#idle.find(({ environment }) => !isProvisioned(environment))?.since;
  }

  /** How many environments of provisioned concurrency are initialised. */
  get provisionedReady(): number {
    let ready = 0;
    for (const { environment } of this.#idle) if (isProvisioned(environment)) ready += 1;
    for (const environment of this.#busy.keys()) if (isProvisioned(environment)) ready += 1;
    return ready;
  }

  /** Keeps so many environments ready. Resolves when they are, or will not be. */
  async provision(count: number): Promise<void> {
    this.#wanted = count;
    while (this.#provisioned > count) {
      const at = this.#idle.findIndex(({ environment }) => isProvisioned(environment));
      if (at < 0) break;
      this.#end(this.#idle.splice(at, 1)[0]?.environment);
    }
    this.#fillUp();
    while (this.provisionedReady < this.#wanted && !this.#closed && !this.#retired)
      await new Promise<void>((resolve) => this.#readyWaiters.push(resolve));
  }

  /** The environment used last, or the first to become free or to start. */
  acquire(signal?: AbortSignal): ExecutionEnvironment | Promise<ExecutionEnvironment> {
    const idle = this.#popIdle();
    if (idle) return this.#take(idle.environment);
    return new Promise((resolve, reject) => {
      const waiter = { since: performance.now(), resolve, reject };
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
    this.#provisioned = 0;
    if (this.#retired) return;
    if (this.#wanted > 0) this.#fillUp();
    else this.#start();
  }

  /** Takes no new call; what runs or waits is served. */
  retire(): void {
    this.#retired = true;
    if (this.#waiters.length === 0) this.#endIdle();
  }

  /** Ends what has been idle since before `time`, or lives since before `bornBefore`. */
  evict(time: number, bornBefore = 0): void {
    for (const idle of this.#idle.slice()) {
      const { environment, since } = idle;
      const isOld = (this.#madeAt.get(environment) ?? 0) < bornBefore;
      if (!isOld && (since > time || (isProvisioned(environment) && this.#provisioned <= this.#wanted)))
        continue;
      this.#idle.splice(this.#idle.indexOf(idle), 1);
      this.#end(environment);
    }
  }

  /** Ends everything, calls in flight too. Resolves when it has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#ticking);
    clearTimeout(this.#freezing);
    this.#endIdle();
    for (const environment of this.#busy.keys()) this.#end(environment);
    for (const waiter of this.#waiters.splice(0)) waiter.reject(new Error('the server is going down'));
    this.#tellReady();
    await Promise.all(this.#ending);
  }

  /** Provisioned ones first, as AWS does; else the one used last. */
  #popIdle(): Idle | undefined {
    if (this.#wanted === 0) return this.#idle.pop();
    const at = this.#idle.findLastIndex(({ environment }) => isProvisioned(environment));
    return at < 0 ? this.#idle.pop() : this.#idle.splice(at, 1)[0];
  }

  #fillUp(): void {
    while (this.#provisioned < this.#wanted && !this.#closed && !this.#retired)
      this.#start('provisioned-concurrency');
  }

  #tellReady(): void {
    for (const tell of this.#readyWaiters.splice(0)) tell();
  }

  #take(environment: ExecutionEnvironment): ExecutionEnvironment {
    this.#busy.set(environment, { since: performance.now() });
    return environment;
  }

  #offer(environment: ExecutionEnvironment): void {
    if (this.#closed || environment.spent || this.#generations.get(environment) !== this.#generation)
      return this.#end(environment);
    const waiter = this.#waiters.shift();
    if (waiter) return waiter.resolve(this.#take(environment));
    if (this.#retired) return this.#end(environment);
    this.#idle.push({ environment, since: this.#ports.now() });
    this.#freezing ??= setTimeout(() => {
      this.#freezing = undefined;
      for (const idle of this.#idle) idle.environment.freeze();
    }, FREEZE_MS);
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
    if (this.#busy.size === 0 || this.#callMs === undefined) return true;
    if (Math.max(this.#callMs, this.#meanAgeMs(time)) > this.#startMs) return true;
    // Short calls: more processes on busy cores would only make each of them slower.
    const [longest] = this.#waiters;
    return longest !== undefined && time - longest.since > PATIENCE_MS && !this.#ports.fleet.coresAreBusy();
  }

  /** How long the calls under way have been running, on average. */
  #meanAgeMs(time: number): number {
    let running = 0;
    for (const { since } of this.#busy.values()) running += time - since;
    return running / this.#busy.size;
  }

  #start(type: InitializationType = 'on-demand'): void {
    if (type !== 'on-demand') this.#provisioned += 1;
    const token = {};
    const generation = this.#generation;
    const startedAt = performance.now();
    this.#starting.set(token, startedAt);
    this.#ports
      .make(type)
      .then(async (environment) => {
        this.#generations.set(environment, generation);
        this.#madeAt.set(environment, this.#ports.now());
        this.#ports.fleet.joined();
        await environment.initialize();
        this.#starting.delete(token);
        const tookMs = performance.now() - startedAt;
        this.#startMs += SMOOTHING * (tookMs - this.#startMs);
        this.#offer(environment);
        this.#tellReady();
      })
      .catch((thrown: unknown) => {
        this.#starting.delete(token);
        if (type !== 'on-demand') {
          // A function that cannot run here is not tried for ever: the next change or call is the next try.
          this.#provisioned -= 1;
          this.#wanted = Math.min(this.#wanted, this.#provisioned);
          this.#tellReady();
        }
        // It is no environment's fault: whoever waits is told, and the next call tries again.
        if (generation === this.#generation)
          for (const waiter of this.#waiters.splice(0)) waiter.reject(thrown);
        this.#grow();
      });
  }

  #endIdle(): void {
    for (const { environment } of this.#idle.splice(0)) this.#end(environment);
  }

  #end(environment: ExecutionEnvironment | undefined): void {
    if (!environment) return;
    this.#ports.fleet.left();
    const ending = environment.close().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
    if (this.#waiters.length > 0) this.#grow();
    if (!isProvisioned(environment) || this.#generations.get(environment) !== this.#generation) return;
    this.#provisioned -= 1;
    this.#fillUp();
  }
}

const isProvisioned = ({ initializationType }: ExecutionEnvironment): boolean =>
  initializationType === 'provisioned-concurrency';
