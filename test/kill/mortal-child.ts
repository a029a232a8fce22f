import { readFileSync } from 'node:fs'
import { Life } from './play.ts'
import { type StoryName, stories } from './stories.ts'
import { toTheEnd } from './telling.ts'

/** Plays a story in a folder, and dies where it was told to. */
const [plans = '', name = '', folder = '', dieAt = ''] = process.argv.slice(2)

const life: Life = await Life.begin({
  story: stories[name as StoryName],
  plans: JSON.parse(readFileSync(plans, 'utf8')),
  folder,
  boundary(where) {
    if (where !== dieAt) return
    life.leave(where)
    process.kill(process.pid, 'SIGKILL')
  },
})
await toTheEnd(life, name as StoryName)
