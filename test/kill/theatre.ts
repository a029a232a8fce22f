import { type ChildProcess, fork, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from '../../scripts/bundle/bundle.ts'
import type { Plans } from '../../src/plan/plans.ts'
import { Life } from './play.ts'
import { type StoryName, stories } from './stories.ts'
import { type Told, toTheEnd } from './telling.ts'

/** A night in which nobody died, and every boundary it passed. */
export type Whole = Told & { readonly passed: readonly string[] }

/** A folder in which the bot died. */
export type Errand = { readonly name: StoryName; readonly folder: string }

/** One a core. */
const SUCCESSORS = 2
const CHILDREN = {
  'mortal-child': new URL('./mortal-child.ts', import.meta.url).pathname,
  'successor-child': new URL('./successor-child.ts', import.meta.url).pathname,
}
const QUIETLY = '--disable-warning=ExperimentalWarning'

/** Plays nights in folders under `root`: every bot that dies has a process of its own, which dies with it. */
export class Theatre {
  readonly #root: string
  readonly #plans: Plans
  readonly #successors: readonly Successor[]
  #turn = 0

  static async open(root: string, plans: Plans): Promise<Theatre> {
    writeFileSync(plansIn(root), JSON.stringify(plans))
    // One file starts in half the time of three hundred.
    await bundle(CHILDREN, root)
    const theatre = new Theatre(root, plans)
    // What was compiled is kept for the next process only if one may end in peace.
    await theatre.#play('listener', join(root, 'compiling'))
    return theatre
  }

  private constructor(root: string, plans: Plans) {
    this.#root = root
    this.#plans = plans
    this.#successors = Array.from({ length: SUCCESSORS }, () => new Successor(root))
  }

  async whole(name: StoryName): Promise<Whole> {
    const passed: string[] = []
    const boundary = (where: string) => void passed.push(where)
    const folder = join(this.#root, name)
    const life = await Life.begin({ story: stories[name], plans: this.#plans, folder, boundary })
    return { ...(await toTheEnd(life, name)), passed }
  }

  /** The bot dies at `where`; another process goes on five seconds later. */
  async killed(name: StoryName, where: string): Promise<Told> {
    const folder = await this.#died(name, where, 'succeeded')
    const successor = this.#successors[this.#turn++ % SUCCESSORS]
    if (!successor) throw new Error('there is no successor')
    return successor.goOn({ name, folder })
  }

  /** The bot dies at `where`; another one is ready to go on in this process, `deadMs` later. */
  async ready(name: StoryName, where: string, deadMs: number): Promise<Life> {
    const folder = await this.#died(name, where, `${deadMs}`)
    return Life.begin({ story: stories[name], plans: this.#plans, folder, deadMs })
  }

  close(): void {
    for (const successor of this.#successors) successor.close()
  }

  async #died(name: StoryName, where: string, act: string): Promise<string> {
    const folder = join(this.#root, `${name} ${where} ${act}`.replaceAll(/[^\w]+/g, '-'))
    const ended = await this.#play(name, folder, where)
    if (ended !== 'SIGKILL') throw new Error(`not killed at “${where}” of ${name}, but ended by ${ended}`)
    return folder
  }

  /** The signal or the exit code that the process ended by. */
  #play(name: StoryName, folder: string, ...dieAt: string[]): Promise<string> {
    const root = this.#root
    const args = [QUIETLY, join(root, 'mortal-child.mjs'), plansIn(root), name, folder, ...dieAt]
    const bot = spawn(process.execPath, args, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: compiledIn(root),
    })
    return new Promise((resolve) => bot.once('close', (code, signal) => resolve(signal ?? `${code}`)))
  }
}

/** A process that goes on where others died, several of them side by side. */
class Successor {
  readonly #child: ChildProcess
  readonly #waiting = new Map<string, PromiseWithResolvers<Told>>()

  constructor(root: string) {
    this.#child = fork(join(root, 'successor-child.mjs'), [plansIn(root)], {
      execArgv: [QUIETLY],
      env: compiledIn(root),
    })
    this.#child.on('message', ({ folder, told }: { folder: string; told: Told }) =>
      this.#waiting.get(folder)?.resolve(told),
    )
    this.#child.on('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the successor ended by ${code}`))
    })
  }

  goOn(errand: Errand): Promise<Told> {
    const told = Promise.withResolvers<Told>()
    this.#waiting.set(errand.folder, told)
    this.#child.send(errand)
    return told.promise
  }

  close(): void {
    this.#child.disconnect()
  }
}

const plansIn = (root: string) => join(root, 'plans.json')
const compiledIn = (root: string) => ({ ...process.env, NODE_COMPILE_CACHE: join(root, 'compiled') })
